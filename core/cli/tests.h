/* Tests: what the commands that run tests of scripts share. */
#ifndef FOYER_CLI_TESTS_H
#define FOYER_CLI_TESTS_H

#include "base/buf.h"
#include "cli/options.h"
#include "plugin/runtime.h"

/* Runs the tests in a process of its own (the same command line again), for which a temporary folder may be made: it goes when that has ended,
 * whatever ended it, also by SIGINT and SIGTERM, but where it is to be kept; then it is said where it lies. The exit
 * code: what run gives, or 128 and the number of the signal. */
int tests_run(const struct command *command, int argc, char **argv, bool is_kept,
              int (*run)(const char *temporary, void *context), void *context);

/* This process is that one. */
bool tests_is_child(void);

/* What they came to: a line at the end of the report, or JSON. The exit code. */
int tests_tell(const struct command *command, const struct testing *testing, bool is_good,
               bool as_json, struct buf *report);

#define TESTS_FILTER                                                                               \
    {                                                                                              \
        "filter", OPTION_TEXT, offsetof(struct TESTS_GIVEN, filter), false, "TEXT",                \
            "only those with this in their sentence"                                               \
    }
#define TESTS_KEEP                                                                                 \
    {                                                                                              \
        "keep", OPTION_FLAG, offsetof(struct TESTS_GIVEN, is_kept), false, NULL,                   \
            "leave the data folders of t.workspace where they are, and say where"                  \
    }

#endif
