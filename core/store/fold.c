/* Fold: folded twins of texts and addresses, by ICU.
 *
 * Plain ASCII, which most texts are, never reaches ICU.
 */
#include "store/fold.h"

#include "base/arena.h"
#include "base/check.h"
#include "base/limits.h"

#include <string.h>
#include <unicode/uchar.h>
#include <unicode/uidna.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>
#include <unicode/utf16.h>
#include <unicode/utf8.h>

enum { LOCAL_MAX = 64, DOMAIN_MAX = 253, LABEL_MAX = 63 };

/* UTF-16 in an arena; len -1: ICU refused. */
struct wide {
    UChar *at;
    int32_t len;
};

/* Letters that have no decomposition, and that people leave out on other keyboards. ß is folded by
 * NFKC_Casefold. */
static const struct {
    UChar from;
    UChar to[2];
} plain_letters[] = {
    { 0x0131, { 'i', 0 } }, /* dotless i: Turkish capital I folds to i as everywhere */
    { 0x00f8, { 'o', 0 } },   { 0x0111, { 'd', 0 } }, { 0x0127, { 'h', 0 } },
    { 0x0142, { 'l', 0 } },   { 0x0167, { 't', 0 } }, { 0x00e6, { 'a', 'e' } },
    { 0x0153, { 'o', 'e' } },
};

static const UNormalizer2 *casefold, *decompose, *compose;
static UIDNA *idna;

static bool is_ascii(struct str text);
static struct str lower_collapsed(struct arena *arena, struct str text);
static struct wide widen(struct arena *arena, struct str text);
static struct wide normalize(struct arena *arena, const UNormalizer2 *by, struct wide text);
static struct wide strip(struct arena *arena, struct wide text);
static bool is_accent(UChar32 c);
static struct str narrow(struct arena *arena, struct wide text);
static struct str fold_local(struct arena *arena, struct str local);
static bool is_local(struct str local);
static bool is_host_name(struct str domain);
static bool has_invisible(struct str text);

void fold_start(void)
{
    UErrorCode error = U_ZERO_ERROR;

    if (idna)
        return;
    casefold = unorm2_getNFKCCasefoldInstance(&error);
    decompose = unorm2_getNFDInstance(&error);
    compose = unorm2_getNFCInstance(&error);
    idna = uidna_openUTS46(UIDNA_USE_STD3_RULES | UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ |
                               UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_NONTRANSITIONAL_TO_UNICODE,
                           &error);
    NEVER(U_FAILURE(error)); /* ICU's data are part of its library */
}

struct str fold_text(struct arena *arena, struct str text)
{
    struct wide wide;

    if (str_is_absent(text))
        return STR_NONE;
    if (is_ascii(text))
        return lower_collapsed(arena, text);
    PRE(idna); /* fold_start */
    wide = widen(arena, text);
    wide = normalize(arena, casefold, wide);
    wide = normalize(arena, decompose, wide);
    wide = strip(arena, wide);
    /* Whole again: Hangul and kana are letters, not letters with accents. */
    wide = normalize(arena, compose, wide);
    return lower_collapsed(arena, narrow(arena, wide));
}

struct str fold_email(struct arena *arena, struct str email)
{
    struct str local = email, domain;
    const char *at;

    if (str_is_empty(email) || email.len > LIMIT_EMAIL_BYTES || !str_is_utf8(email))
        return STR_NONE;
    at = memchr(email.at, '@', email.len);
    if (!at)
        return STR_NONE;
    local.len = (size_t)(at - email.at);
    domain = str_slice(at + 1, email.len - local.len - 1);
    if (!is_local(local))
        return STR_NONE;
    local = fold_local(arena, local);
    domain = fold_domain(arena, domain);
    if (!is_local(local) || str_is_absent(domain))
        return STR_NONE;
    return str_printf(arena, "%.*s@%.*s", STR_ARG(local), STR_ARG(domain));
}

static bool is_ascii(struct str text)
{
    size_t i;

    for (i = 0; i < text.len; i++)
        if ((unsigned char)text.at[i] >= 0x80)
            return false;
    return true;
}

/* One pass: lower case, white space collapsed and trimmed. */
static struct str lower_collapsed(struct arena *arena, struct str text)
{
    char *at = arena_alloc(arena, text.len + 1);
    size_t i, len = 0;
    bool has_blank = false;

    for (i = 0; i < text.len; i++) {
        char c = text.at[i];

        if (c == ' ' || (c >= '\t' && c <= '\r')) {
            has_blank = len > 0;
            continue;
        }
        if (has_blank)
            at[len++] = ' ';
        has_blank = false;
        at[len++] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    }
    return str_slice(at, len);
}

/* What is not UTF-8 becomes U+FFFD: requests with such bytes were refused long before. */
static struct wide widen(struct arena *arena, struct str text)
{
    UErrorCode error = U_ZERO_ERROR;
    struct wide wide = { arena_array(arena, UChar, text.len + 1), 0 };

    PRE(text.len < INT32_MAX / 64);
    u_strFromUTF8WithSub(wide.at, (int32_t)text.len + 1, &wide.len, text.at, (int32_t)text.len,
                         0xfffd, NULL, &error);
    NEVER(U_FAILURE(error)); /* UTF-16 has never more units than UTF-8 has bytes */
    return wide;
}

static struct wide normalize(struct arena *arena, const UNormalizer2 *by, struct wide text)
{
    int32_t room = text.len * 2 + 16;
    struct wide made;

    for (;;) {
        UErrorCode error = U_ZERO_ERROR;

        made.at = arena_array(arena, UChar, (size_t)room);
        made.len = unorm2_normalize(by, text.at, text.len, made.at, room, &error);
        if (error != U_BUFFER_OVERFLOW_ERROR) {
            NEVER(U_FAILURE(error));
            return made;
        }
        room = made.len + 1; /* one ligature may become 18 letters */
    }
}

/* In place of each decomposed letter its base; white space of every kind becomes a blank. */
static struct wide strip(struct arena *arena, struct wide text)
{
    struct wide made = { arena_array(arena, UChar, (size_t)text.len * 2 + 1), 0 };
    int32_t i = 0;
    size_t k;

    while (i < text.len) {
        UChar32 c;

        U16_NEXT(text.at, i, text.len, c);
        if (is_accent(c))
            continue;
        if (u_isUWhiteSpace(c))
            c = ' ';
        for (k = 0; k < sizeof(plain_letters) / sizeof(plain_letters[0]); k++)
            if (c == plain_letters[k].from)
                break;
        if (k == sizeof(plain_letters) / sizeof(plain_letters[0])) {
            U16_APPEND_UNSAFE(made.at, made.len, c);
            continue;
        }
        made.at[made.len++] = plain_letters[k].to[0];
        if (plain_letters[k].to[1])
            made.at[made.len++] = plain_letters[k].to[1];
    }
    return made;
}

/* Marks that people leave out: those of all scripts (Latin, Greek, Cyrillic, Arabic) and Hebrew
 * points. Not vowel signs of Indic or Thai letters, nor the voicing of kana: other words. */
static bool is_accent(UChar32 c)
{
    UErrorCode error = U_ZERO_ERROR;
    UScriptCode script;

    if (c < 0x300 || u_charType(c) != U_NON_SPACING_MARK || c == 0x3099 || c == 0x309a)
        return false;
    script = uscript_getScript(c, &error);
    return script == USCRIPT_INHERITED || script == USCRIPT_HEBREW || script == USCRIPT_CYRILLIC ||
           script == USCRIPT_ARABIC;
}

static struct str narrow(struct arena *arena, struct wide text)
{
    UErrorCode error = U_ZERO_ERROR;
    int32_t room = text.len * 3 + 1, len = 0;
    char *at = arena_alloc(arena, (size_t)room);

    u_strToUTF8(at, room, &len, text.at, text.len, &error);
    NEVER(U_FAILURE(
        error)); /* at most three bytes a unit, and no lone surrogates come out of widen */
    return str_slice(at, (size_t)len);
}

/* José and Jose may be two mailboxes: case and forms are folded, accents stay. */
static struct str fold_local(struct arena *arena, struct str local)
{
    if (is_ascii(local))
        return str_lower(arena, local);
    PRE(idna); /* fold_start */
    return narrow(arena, normalize(arena, casefold, widen(arena, local)));
}

/* RFC 5321 dot-string with RFC 6531's letters; no quoted strings. */
static bool is_local(struct str local)
{
    size_t i;

    if (local.len == 0 || local.len > LOCAL_MAX || local.at[0] == '.' ||
        local.at[local.len - 1] == '.')
        return false;
    for (i = 0; i < local.len; i++) {
        unsigned char c = (unsigned char)local.at[i];

        if (c == '.' && local.at[i + 1] == '.')
            return false;
        if (c < 0x80 && !memchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                ".!#$%&'*+-/=?^_`{|}~",
                                c, 82))
            return false;
    }
    return is_ascii(local) || !has_invisible(local);
}

struct str fold_domain(struct arena *arena, struct str domain)
{
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    UErrorCode error = U_ZERO_ERROR;
    struct str lower = str_lower(arena, domain);
    char text[DOMAIN_MAX + 1];
    int32_t len;

    if (is_ascii(lower) && !strstr(lower.at, "xn--"))
        return is_host_name(lower) ? lower : STR_NONE;
    PRE(idna); /* fold_start */
    len = uidna_nameToASCII_UTF8(idna, domain.at, (int32_t)domain.len, text, sizeof(text), &info,
                                 &error);
    if (U_FAILURE(error) || info.errors || len < 0 || len > DOMAIN_MAX)
        return STR_NONE;
    domain = str_copy(arena, str_slice(text, (size_t)len));
    return is_host_name(domain) ? domain : STR_NONE;
}

/* RFC 1123, lower case: labels of letters, digits and inner hyphens, two at least or "localhost",
 * and not the form of an IPv4 address. */
static bool is_host_name(struct str domain)
{
    struct str rest = domain, label = STR_NONE;
    size_t labels = 0;

    if (str_is(domain, "localhost"))
        return true;
    if (domain.len == 0 || domain.len > DOMAIN_MAX)
        return false;
    while (str_cut(&rest, '.', &label)) {
        size_t i;

        if (label.len == 0 || label.len > LABEL_MAX || label.at[0] == '-' ||
            label.at[label.len - 1] == '-')
            return false;
        for (i = 0; i < label.len; i++)
            if (!memchr("abcdefghijklmnopqrstuvwxyz0123456789-", label.at[i], 37))
                return false;
        labels++;
    }
    return labels > 1 && strspn(label.at, "0123456789") < label.len;
}

/* Blanks, controls, format characters, what has no meaning: nobody sees them in an address. */
static bool has_invisible(struct str text)
{
    int32_t i = 0;

    while (i < (int32_t)text.len) {
        UChar32 c;

        U8_NEXT(text.at, i, (int32_t)text.len, c);
        if (c < 0 || !u_isgraph(c) || u_charType(c) == U_FORMAT_CHAR ||
            u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) ||
            u_charType(c) == U_PRIVATE_USE_CHAR)
            return true;
    }
    return false;
}
