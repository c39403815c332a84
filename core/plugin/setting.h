/* Setting: what a plugin lets a workspace turn: declared by foyer.settings or plugin.json.
 *
 * A declaration has a type, a default that fits it, bounds and a word of help; values are plain scalars.
 * Of numbers min and max are bounds of the value, of texts of their length in characters. A secret is a text
 * that has no default, is kept sealed (store/plugin_secret.h), and never stands among the other values.
 */
#ifndef FOYER_PLUGIN_SETTING_H
#define FOYER_PLUGIN_SETTING_H

#include "base/buf.h"
#include "base/field.h"
#include "base/value.h"

enum setting_type {
    SETTING_NUMBER,
    SETTING_INTEGER,
    SETTING_TEXT,
    SETTING_BOOLEAN,
    SETTING_CHOICE,
    SETTING_SECRET,
    SETTING_TYPES
};
extern const char *const setting_type_names[SETTING_TYPES + 1];

enum { SETTINGS_MAX = 64, SETTING_TEXT_MAX = 2000 };

struct plugin_setting {
    struct str name;
    enum setting_type type;
    struct value otherwise; /* the default */
    bool has_min, has_max;
    double min, max;
    struct texts choices; /* of SETTING_CHOICE */
    struct str help;      /* absent: none */
};

struct json_t;

/* Reads a declaration, as foyer.settings and plugin.json have it: an object of type, default, min, max, choices and
 * help. Texts are borrowed. Absent: it is good; else "setting NAME: …", in the arena. */
struct str setting_read(struct str name, const struct value *declaration,
                        struct plugin_setting *setting, struct arena *arena);
/* Whether a value fits. Absent: it does; else why not, as a sentence, in the arena. */
struct str setting_refusal(const struct plugin_setting *setting, const struct value *value,
                           struct arena *arena);
/* The value of a JSON scalar, whose text is copied; anything else, null too, is nil, which never fits. */
struct value setting_from_json(const struct json_t *json, struct arena *arena);
/* NULL: there is no such setting. */
const struct plugin_setting *setting_find(const struct plugin_setting *settings, size_t count,
                                          struct str name);
/* "a whole number from 2 to 500": what may stand there. */
void setting_bounds(const struct plugin_setting *setting, struct buf *out);

void setting_value_json(const struct value *value, struct buf *out);
/* {"type":"integer","default":50,"min":2,"max":500,"help":"…"} */
void setting_json(const struct plugin_setting *setting, struct buf *out);

#endif
