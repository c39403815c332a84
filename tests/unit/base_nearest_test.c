/* Nearest: the word that was meant, and none where nothing is near. */
#include "harness.h"

#include "base/nearest.h"

static const char *meant(const char *given)
{
    static const char *const words[] = { "givenName", "familyName", "email", "q", NULL };
    struct nearest nearest;

    nearest_init(&nearest, str_from(given));
    for (const char *const *word = words; *word; word++)
        nearest_offer(&nearest, *word);
    return nearest.word ? nearest.word : "none";
}

TEST(a_mistyped_word_is_known_again)
{
    CHECK_STR(meant("givenNam"), "givenName");
    CHECK_STR(meant("familiName"), "familyName");
    CHECK_STR(meant("mail"), "email");
    CHECK_STR(meant("e-mail"), "email");
    CHECK_STR(meant("given_name"), "givenName");
    CHECK_STR(meant("FAMILY_NMAE"), "familyName");
}

TEST(what_is_far_from_all_is_nothing)
{
    CHECK_STR(meant("position"), "none");
    CHECK_STR(meant("x"), "none"); /* all of "q" would have to change */
    CHECK_STR(meant(""), "none");
    CHECK_STR(meant("a word that is longer than any that is offered here"), "none");
}
