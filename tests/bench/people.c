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
static const char *const syllables[] = { "ber", "lin", "mar", "tol", "ren", "vik", "san",
                                         "dor", "kel", "mor", "nov", "gar", "hal", "pet",
                                         "ros", "win", "ash", "bro", "fen", "lud" };

enum {
    GIVEN = sizeof(given_names) / sizeof(given_names[0]),
    SYLLABLES = sizeof(syllables) / sizeof(syllables[0])
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
    snprintf(person->family, sizeof(person->family), "%s%s%s", syllables[(dice >> 16) % SYLLABLES],
             syllables[(dice >> 32) % SYLLABLES], syllables[(dice >> 48) % SYLLABLES]);
    snprintf(person->email, sizeof(person->email), "%c%s.%s.%x.%x@example.com",
             tolower((unsigned char)person->given[0]), person->given + 1, person->family, seed,
             number);
    person->family[0] = (char)toupper((unsigned char)person->family[0]);
}
