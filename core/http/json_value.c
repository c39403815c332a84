/* Json_value: what each type of field takes. Forms of addresses, URLs, phones are checked here and
 * nowhere else. */
#include "http/json_value.h"

#include "base/clock.h"
#include "base/limits.h"

#include <string.h>

enum {
    TEXT_MAX = 255,
    LINES_MAX = 10000,
    URL_MAX = 2048,
    PHONE_MAX = 40,
    IDS_MAX = 1000,
    TEXTS_MAX = 100,
    LOCAL_MAX = 64, /* of an address, RFC 5321 4.5.3.1.1 */
    LABEL_MAX = 63  /* of a domain name */
};

static bool fault(const struct place *place, const char *code, const char *message);
static struct str trim(struct str text);
static bool has_only_lines(struct str text);
static int64_t text_max(const struct field *field);
static bool set_choice(const struct place *place, struct str text);
static bool set_time(const struct place *place, struct str text);
static bool has_form(const struct place *place, struct str text);
static bool is_email(struct str text);
static bool is_domain(struct str domain);
static bool is_label(struct str label);
static bool is_url(struct str text);
static bool is_phone(struct str text);
static bool is_color(struct str text);

bool value_set_text(const struct place *place, struct str text)
{
    const struct field *field = place->field;

    switch (field->type) {
    case FIELD_TEXT:
    case FIELD_EMAIL:
    case FIELD_URL:
    case FIELD_PHONE:
    case FIELD_COLOR:
        if (!value_take_text(place, text, &text))
            return false;
        *FIELD_AT(struct str, place->row, field) = text.len ? text : STR_NONE;
        return true;
    case FIELD_ENUM:
        return set_choice(place, text);
    case FIELD_TIME:
        return set_time(place, text);
    case FIELD_ID:
        if (text.len == 0) {
            value_clear(field, place->row);
            return true;
        }
        return value_take_id(place, text, FIELD_AT(struct uuid, place->row, field));
    default:
        return value_wrong_type(place);
    }
}

bool value_set_number(const struct place *place, int64_t number)
{
    const struct field *field = place->field;
    bool is_default = field->min == 0 && field->max == 0;
    const int64_t most = INT64_C(1) << 53;
    int64_t min = is_default ? -most : field->min, max = is_default ? most : field->max;

    if (field->type != FIELD_INT)
        return value_wrong_type(place);
    if (number < min || number > max) {
        failure_field(place->failure, place->arena, ST_INVALID, place->name, "out_of_range",
                      "Must be from %lld to %lld.", (long long)min, (long long)max);
        return false;
    }
    *FIELD_AT(int64_t, place->row, field) = number;
    return true;
}

bool value_check_count(const struct place *place, size_t count)
{
    const struct field *field = place->field;
    int64_t max = field->max ? field->max : field->type == FIELD_IDS ? IDS_MAX : TEXTS_MAX;

    if ((int64_t)count > max) {
        failure_field(place->failure, place->arena, ST_INVALID, place->name, "too_many",
                      "Must have at most %lld entries.", (long long)max);
        return false;
    }
    if (count > 0 && (int64_t)count < field->min) {
        failure_field(place->failure, place->arena, ST_INVALID, place->name, "too_few",
                      "Must have at least %lld entries.", (long long)field->min);
        return false;
    }
    return true;
}

bool value_take_text(const struct place *place, struct str text, struct str *out)
{
    const struct field *field = place->field;
    bool is_text = field->type == FIELD_TEXT, is_entry = field->type == FIELD_TEXTS;
    int64_t min = is_entry ? 1 : field->min, max = text_max(field), length;

    if (field->flags & FIELD_LINES ? !has_only_lines(text) : !str_is_one_line(text))
        return fault(place, "control_character",
                     "Must be one line, without line breaks and other control characters.");
    /* blanks around a password are a part of it */
    if (!(field->flags & FIELD_NO_OUTPUT))
        text = trim(text);
    length = (int64_t)str_utf8_length(text);
    if (length > max) {
        failure_field(place->failure, place->arena, ST_INVALID, place->name, "too_long",
                      "Must be at most %lld characters.", (long long)max);
        return false;
    }
    if ((length > 0 || is_entry) && length < min) {
        failure_field(place->failure, place->arena, ST_INVALID, place->name, "too_short",
                      "Must be at least %lld character%s.", (long long)min, min == 1 ? "" : "s");
        return false;
    }
    if (length > 0 && !is_text && !is_entry && !has_form(place, text))
        return false;
    *out = str_copy(place->arena, text);
    return true;
}

bool value_take_id(const struct place *place, struct str text, struct uuid *out)
{
    if (uuid_parse(text, out) && !uuid_is_none(*out))
        return true;
    return fault(place, "invalid_id", "Must be an id: a UUID of 36 characters.");
}

void value_clear(const struct field *field, void *row)
{
    switch (field->type) {
    case FIELD_TEXT:
    case FIELD_EMAIL:
    case FIELD_URL:
    case FIELD_PHONE:
    case FIELD_COLOR:
    case FIELD_JSON:
        *FIELD_AT(struct str, row, field) = STR_NONE;
        break;
    case FIELD_ENUM:
        *FIELD_AT(int, row, field) = 0;
        break;
    case FIELD_BOOL:
        *FIELD_AT(bool, row, field) = false;
        break;
    case FIELD_INT:
    case FIELD_TIME:
        *FIELD_AT(int64_t, row, field) = 0;
        break;
    case FIELD_ID:
        *FIELD_AT(struct uuid, row, field) = UUID_NONE;
        break;
    case FIELD_IDS:
        *FIELD_AT(struct ids, row, field) = (struct ids){ 0 };
        break;
    case FIELD_TEXTS:
        *FIELD_AT(struct texts, row, field) = (struct texts){ 0 };
        break;
    case FIELD_CONST:
        break;
    }
}

bool value_is_clear(const struct field *field, const void *row)
{
    switch (field->type) {
    case FIELD_TEXT:
    case FIELD_EMAIL:
    case FIELD_URL:
    case FIELD_PHONE:
    case FIELD_COLOR:
    case FIELD_JSON:
        return FIELD_IN(struct str, row, field)->at == NULL;
    case FIELD_TIME:
        return *FIELD_IN(int64_t, row, field) == 0;
    case FIELD_ID:
        return uuid_is_none(*FIELD_IN(struct uuid, row, field));
    case FIELD_IDS:
        return FIELD_IN(struct ids, row, field)->count == 0;
    case FIELD_TEXTS:
        return FIELD_IN(struct texts, row, field)->count == 0;
    default: /* false, 0 and the first choice are values */
        return false;
    }
}

bool value_wrong_type(const struct place *place)
{
    static const char *const wanted[] = {
        [FIELD_TEXT] = "Must be a text.",
        [FIELD_EMAIL] = "Must be a text: an address.",
        [FIELD_URL] = "Must be a text: a URL.",
        [FIELD_PHONE] = "Must be a text: a phone number.",
        [FIELD_COLOR] = "Must be a text: a colour such as \"#1a2b3c\".",
        [FIELD_ENUM] = "Must be a text: one of the choices.",
        [FIELD_BOOL] = "Must be true or false.",
        [FIELD_INT] = "Must be a whole number.",
        [FIELD_TIME] = "Must be a text: a time such as \"2026-11-23T22:13:00Z\".",
        [FIELD_ID] = "Must be a text: an id.",
        [FIELD_IDS] = "Must be an array of ids.",
        [FIELD_TEXTS] = "Must be an array of texts.",
        [FIELD_JSON] = "Must be an object, or a text that is the JSON of one.",
        [FIELD_CONST] = "Cannot be set.",
    };

    return fault(place, "wrong_type", wanted[place->field->type]);
}

size_t value_json_max(const struct field *field)
{
    return field->max > 0 ? (size_t)field->max : KIB(64);
}

static bool fault(const struct place *place, const char *code, const char *message)
{
    failure_field(place->failure, place->arena, ST_INVALID, place->name, code, "%s", message);
    return false;
}

/* Blanks and tabs alone: a line break is never dropped in silence. */
static struct str trim(struct str text)
{
    while (text.len > 0 && (text.at[0] == ' ' || text.at[0] == '\t'))
        text = str_slice(text.at + 1, text.len - 1);
    while (text.len > 0 && (text.at[text.len - 1] == ' ' || text.at[text.len - 1] == '\t'))
        text.len--;
    return text;
}

/* LF, TAB, and the CR of a CRLF, as forms send line breaks. */
static bool has_only_lines(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];

        if (c == '\r' && i + 1 < text.len && text.at[i + 1] == '\n')
            continue;
        if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7F)
            return false;
    }
    return true;
}

static int64_t text_max(const struct field *field)
{
    switch (field->type) {
    case FIELD_EMAIL:
        return LIMIT_EMAIL_BYTES;
    case FIELD_URL:
        return field->max ? field->max : URL_MAX;
    case FIELD_PHONE:
        return field->max ? field->max : PHONE_MAX;
    case FIELD_TEXTS: /* of one entry; field->max bounds their number */
        return TEXT_MAX;
    default:
        return field->max ? field->max : field->flags & FIELD_LINES ? LINES_MAX : TEXT_MAX;
    }
}

static bool set_choice(const struct place *place, struct str text)
{
    const char *const *choices = place->field->choices;
    struct str list = STR("");

    if (text.len == 0) {
        value_clear(place->field, place->row);
        return true;
    }
    for (int i = 0; choices[i] != NULL; i++) {
        if (str_is(text, choices[i])) {
            *FIELD_AT(int, place->row, place->field) = i;
            return true;
        }
        list = str_printf(place->arena, "%.*s%s\"%s\"", STR_ARG(list), i ? ", " : "", choices[i]);
    }
    failure_field(place->failure, place->arena, ST_INVALID, place->name, "not_a_choice",
                  "Must be one of %.*s.", STR_ARG(list));
    return false;
}

static bool set_time(const struct place *place, struct str text)
{
    int64_t *member = FIELD_AT(int64_t, place->row, place->field);

    if (text.len == 0) {
        *member = 0;
        return true;
    }
    if (clock_parse(text, member))
        return true;
    return fault(place, "invalid_time", "Must be a time such as \"2026-11-23T22:13:00Z\".");
}

static bool has_form(const struct place *place, struct str text)
{
    switch (place->field->type) {
    case FIELD_EMAIL:
        return (text.len <= LIMIT_EMAIL_BYTES && is_email(text)) ||
               fault(place, "invalid_email", "Must be an address such as \"jane@example.com\".");
    case FIELD_URL:
        return is_url(text) ||
               fault(place, "invalid_url", "Must be a URL such as \"https://example.com/\".");
    case FIELD_PHONE:
        return is_phone(text) ||
               fault(place, "invalid_phone", "Must be a phone number such as \"+43 1 234567\".");
    case FIELD_COLOR:
        return is_color(text) ||
               fault(place, "invalid_color", "Must be a colour such as \"#1a2b3c\".");
    default:
        return true;
    }
}

/* dot-atom "@" domain (RFC 5321 without quoted local parts and address literals), any letter of
 * Unicode as RFC 6531 has it. A domain of one label is a typing mistake far more often than a host. */
static bool is_email(struct str text)
{
    const char *sign = memchr(text.at, '@', text.len);
    struct str rest, atom;

    if (sign == NULL || sign == text.at || sign - text.at > LOCAL_MAX)
        return false;
    rest = str_slice(text.at, (size_t)(sign - text.at));
    while (str_cut(&rest, '.', &atom)) {
        if (atom.len == 0)
            return false;
        for (size_t i = 0; i < atom.len; i++)
            if (atom.at[i] == ' ' || strchr("\"(),:;<>@[\\]", atom.at[i]))
                return false;
    }
    return is_domain(str_slice(sign + 1, text.len - (size_t)(sign - text.at) - 1));
}

static bool is_domain(struct str domain)
{
    struct str rest = domain, label = STR_NONE;
    bool has_letter = false;
    size_t labels = 0;

    while (str_cut(&rest, '.', &label)) {
        if (!is_label(label))
            return false;
        labels++;
    }
    for (size_t i = 0; i < label.len; i++)
        has_letter = has_letter || label.at[i] < '0' || label.at[i] > '9';
    return labels > 1 && has_letter;
}

static bool is_label(struct str label)
{
    if (label.len == 0 || label.len > LABEL_MAX || label.at[0] == '-' ||
        label.at[label.len - 1] == '-')
        return false;
    for (size_t i = 0; i < label.len; i++) {
        unsigned char c = (unsigned char)label.at[i], lower = c | 0x20;

        if (c < 0x80 && c != '-' && (c < '0' || c > '9') && (lower < 'a' || lower > 'z'))
            return false;
    }
    return true;
}

static bool is_url(struct str text)
{
    size_t skip = str_starts(text, STR("https://")) ? 8 : str_starts(text, STR("http://")) ? 7 : 0;
    size_t end = skip;

    if (skip == 0)
        return false;
    while (end < text.len && !strchr("/?#", text.at[end])) {
        if (text.at[end] == '@') /* user information serves to deceive */
            return false;
        end++;
    }
    for (size_t i = skip; i < text.len; i++)
        if (text.at[i] == ' ' || strchr("\"<>\\^`{|}", text.at[i]))
            return false;
    return end > skip && text.at[skip] != ':' && text.at[skip] != '.';
}

static bool is_phone(struct str text)
{
    size_t digits = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] >= '0' && text.at[i] <= '9')
            digits++;
        else if (!strchr("+-()./ x#*", text.at[i]))
            return false;
    }
    return digits >= 3;
}

static bool is_color(struct str text)
{
    if (text.len != 7 || text.at[0] != '#')
        return false;
    for (size_t i = 1; i < text.len; i++)
        if (!strchr("0123456789abcdefABCDEF", text.at[i]))
            return false;
    return true;
}
