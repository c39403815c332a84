/* Config_setting: one row of the table of settings. For config.c, config_load.c and what describes them. */
#ifndef FOYER_BASE_CONFIG_SETTING_H
#define FOYER_BASE_CONFIG_SETTING_H

#include "base/config.h"

enum setting_kind { KIND_TEXT, KIND_INT, KIND_BOOL, KIND_CHOICE };

struct setting {
    const char *name;
    enum setting_kind kind;
    size_t offset;           /* of the member of struct config */
    const char *initial;     /* the default as it would stand in the file; NULL: unset */
    int64_t min, max;        /* KIND_INT */
    const char *choices;     /* KIND_CHOICE: "a|b|c" */
    const char *test_choice; /* the last of them, if it is taken with FOYER_TEST=1 only */
    const char *(*check)(struct str value); /* KIND_TEXT: see config_check.h */
    bool is_secret;   /* never printed; may come from a file of its own, name_file */
    const char *help; /* half a sentence */
};

extern const struct setting *const config_settings; /* CONFIG_SETTINGS of them */

#endif
