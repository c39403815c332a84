/* People: deterministic names; what is promised stands in people.h. */
#include "people.h"

#include <ctype.h>
#include <stdio.h>

static const char *const given_names[] = {
    "Ada",    "Agnes", "Aiko",   "Alma",  "Amina", "Anna",  "Anton", "Astrid", "Bela",  "Bianca",
    "Bruno",  "Carla", "Chen",   "Clara", "Dario", "David", "Diego", "Edith",  "Elena", "Emil",
    "Emma",   "Erik",  "Esther", "Fatou", "Felix", "Frida", "Georg", "Grace",  "Greta", "Hana",
    "Hassan", "Ida",   "Ines",   "Ivan",  "Jakob", "Jane",  "John",  "Jonas",  "Julia", "Karim",
    "Lea",    "Leo",   "Lina",   "Luca",  "Maja",  "Marco", "Maria", "Mateo",  "Mila",  "Nadia",
    "Noah",   "Nora",  "Olga",   "Omar",  "Otto",  "Paula", "Rosa",  "Sami",   "Sara",  "Yusuf",
};
static const char *const beginnings[] = {
    "al",  "ander", "bak",  "ber",   "blom", "brun", "carl", "chand", "dahl", "de",
    "dun", "eke",   "fern", "fisch", "gar",  "gold", "gre",  "hak",   "hart", "hol",
    "ib",  "jan",   "kauf", "kov",   "lar",  "lind", "mac",  "mend",  "moz",  "nak",
    "ols", "oka",   "pap",  "pet",   "quin", "rodr", "sch",  "silv",  "tana", "wes",
};
static const char *const middles[] = {
    "a", "e", "i", "o", "u", "en", "er", "in", "on", "am", "el", "or", "ud", "iv", "ah", "os",
};
static const char *const endings[] = {
    "berg", "dottir", "feld",  "gaard", "hardt", "ic",   "ides", "ko",   "land", "mann",
    "nik",  "poulos", "quist", "rsson", "shi",   "stad", "ton",  "vich", "well", "zzi",
};

enum {
    GIVEN = sizeof(given_names) / sizeof(given_names[0]),
    BEGINNINGS = sizeof(beginnings) / sizeof(beginnings[0]),
    MIDDLES = sizeof(middles) / sizeof(middles[0]),
    ENDINGS = sizeof(endings) / sizeof(endings[0])
};

uint64_t random_next(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(2685821657736338717);
}

void person_make(uint32_t seed, uint32_t number, struct person *person)
{
    uint64_t state = ((uint64_t)seed << 32 | number) * UINT64_C(0x9E3779B97F4A7C15) + 1;
    uint64_t dice = random_next(&state);

    snprintf(person->given, sizeof(person->given), "%s", given_names[(dice >> 8) % GIVEN]);
    snprintf(person->family, sizeof(person->family), "%s%s%s",
             beginnings[(dice >> 16) % BEGINNINGS], middles[(dice >> 32) % MIDDLES],
             endings[(dice >> 48) % ENDINGS]);
    snprintf(person->email, sizeof(person->email), "%c%s.%s.%x.%x@example.com",
             tolower((unsigned char)person->given[0]), person->given + 1, person->family, seed,
             number);
    person->family[0] = (char)toupper((unsigned char)person->family[0]);
}
