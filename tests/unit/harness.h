/* Harness: unit tests, a process each.
 *
 *   TEST(one_address_has_one_open_invite)
 *   {
 *       CHECK_INT(status_http(ST_GONE), 410);
 *   }
 *
 * A test ends at its first failed check, by a signal, at its deadline (240 s, longer under the
 * sanitizers), or well. What it writes is shown only when it fails. Checks may fail on any
 * thread. crypto_start and clock_start have been called, FOYER_TEST=1 is set, SIGPIPE is ignored.
 *
 *   foyer-tests [--list] [--verbose] [part of a name or file]...
 */
#ifndef FOYER_TESTS_HARNESS_H
#define FOYER_TESTS_HARNESS_H

#include "base/str.h"

struct test {
    const char *name;
    const char *file;
    int line;
    void (*run)(void);
    const char *red; /* NULL, or what must be part of the reason why it fails */
    struct test *next;
};

void harness_add(struct test *test);

#define TEST(id) TEST_OR_RED(id, NULL)

/* A test that must fail, for this reason: proves that the harness sees it. */
#define RED_TEST(id, reason) TEST_OR_RED(id, reason)

#define TEST_OR_RED(id, red)                                                                       \
    static void id(void);                                                                          \
    static struct test test_##id = { #id, __FILE__, __LINE__, id, red, NULL };                     \
    __attribute__((constructor)) static void add_##id(void)                                        \
    {                                                                                              \
        harness_add(&test_##id);                                                                   \
    }                                                                                              \
    static void id(void)

#define CHECK(cond) ((cond) ? (void)0 : harness_failed(__FILE__, __LINE__, "CHECK(%s)", #cond))
/* Numbers of any type; shown on failure. */
#define CHECK_INT(got, wanted)                                                                     \
    harness_check_int(__FILE__, __LINE__, #got, (long long)(got), (long long)(wanted))
/* A struct str or a C string against a C string; NULL is absent. */
#define CHECK_STR(got, wanted)                                                                     \
    _Generic((got), struct str                                                                     \
             : harness_check_str, char *                                                           \
             : harness_check_text, const char *                                                    \
             : harness_check_text)(__FILE__, __LINE__, #got, (got), (wanted))
#define CHECK_BYTES(got, wanted, len)                                                              \
    harness_check_bytes(__FILE__, __LINE__, #got, (got), (wanted), (len))

/* The statements must die by a failed PRE or NEVER; they run in a process of their own. */
#define EXPECT_ABORT(...)                                                                          \
    do {                                                                                           \
        if (harness_abort_begin()) {                                                               \
            __VA_ARGS__;                                                                           \
            harness_abort_survived();                                                              \
        }                                                                                          \
        harness_abort_end(__FILE__, __LINE__, #__VA_ARGS__);                                       \
    } while (0)

/* A folder of this test alone, made at the first call, removed after the test. Ends without '/'.
 * Borrowed until the test ends. */
const char *test_folder(void);
/* folder/name, borrowed until the test ends. */
const char *test_path(const char *name);
/* Writes len bytes to test_path(name), and gives that path. */
const char *test_write_file(const char *name, struct str text);
/* What stands in the file, up to 1 MiB; absent when there is none. Borrowed until the test ends. */
struct str test_read_file(const char *path);

/* By how much slower the sanitizers make this build, roughly: 1 without. For deadlines. */
int harness_scale(void);
/* Printed when the test fails from here on; "" takes it back. */
void harness_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

_Noreturn void harness_failed(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void harness_check_int(const char *file, int line, const char *what, long long got,
                       long long wanted);
void harness_check_str(const char *file, int line, const char *what, struct str got,
                       const char *wanted);
void harness_check_text(const char *file, int line, const char *what, const char *got,
                        const char *wanted);
void harness_check_bytes(const char *file, int line, const char *what, const void *got,
                         const void *wanted, size_t len);
bool harness_abort_begin(void);
_Noreturn void harness_abort_survived(void);
void harness_abort_end(const char *file, int line, const char *what);

#endif
