/* Fuzz: whole scripts in the sandbox, on a small memory and budget. What it must never do is crash,
 * hang or write above its ceiling; every other end is fine.
 */
#include "base/check.h"
#include "base/limits.h"
#include "lua/state.h"

#include <stddef.h>
#include <stdint.h>

enum { BUDGET = 100, MEMORY = 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct script_limits limits = { .memory = MEMORY, .allocation = MEMORY / 8 };
    struct script_state *state = script_state_new(&limits);
    struct script_call call = { .budget_us = BUDGET };
    struct script_error error;

    NEVER(state == NULL);
    if (script_load(state, STR("fuzz.lua"), str_slice((const char *)data, size), BUDGET,
                    &call.function, &error) == ST_OK &&
        call.function > 0 && script_freeze(state, &error) == ST_OK) {
        script_call(state, &call, &error);
        script_call(state, &call, &error);
    }
    NEVER(script_memory_peak(state) > MEMORY + KIB(64));
    script_state_free(state);
    return 0;
}
