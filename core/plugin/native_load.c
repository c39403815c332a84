/* Native_load: the road of a library into the server: its pin, its self-test, loading. */
#include "base/bytes.h"
#include "base/limits.h"
#include "base/log.h"
#include "plugin/native.h"

#include <string.h>

static bool load(struct natives *natives, const struct native_pins *pins, struct plugin *plugin,
                 struct arena *arena, struct str *reason);
static bool has_passed(const struct natives *natives, const uint8_t digest[CRYPTO_HASH]);
static void note_passed(struct natives *natives, const uint8_t digest[CRYPTO_HASH]);

bool natives_load(struct natives *natives, struct plugin *plugins, size_t count,
                  struct arena *arena, struct buf *report)
{
    struct native_pins pins = { .given = STR_NONE };
    bool is_read = false, is_good = true;

    for (size_t i = 0; i < count; i++) {
        struct plugin *plugin = &plugins[i];
        struct str reason = STR_NONE;

        if (str_is_absent(plugin->library))
            continue;
        if (!is_read && !native_pins_read(natives->config, arena, &pins, report))
            return false;
        is_read = true;
        if (load(natives, &pins, plugin, arena, &reason))
            continue;
        is_good = false;
        buf_printf(report, "%.*s: %.*s\n", STR_ARG(plugin->path), STR_ARG(reason));
    }
    return is_good;
}

/* The self-test of the same bytes is not run again: what it would say is known. */
static bool load(struct natives *natives, const struct native_pins *pins, struct plugin *plugin,
                 struct arena *arena, struct str *reason)
{
    struct native_library *library;
    uint8_t digest[CRYPTO_HASH];

    crypto_sha256(plugin->library, digest);
    *reason =
        native_pins_refuse(pins, plugin->id, bytes_to_hex(arena, digest, sizeof(digest)), arena);
    if (!str_is_absent(*reason))
        return false;
    library = native_library_new(plugin->library, arena, reason);
    if (!library)
        return false;
    if (!has_passed(natives, digest)) {
        *reason = native_library_test(library, arena);
        if (str_is_absent(*reason))
            note_passed(natives, digest);
    }
    if (str_is_absent(*reason) && native_library_load(library, arena, reason)) {
        plugin->native = library;
        return true;
    }
    native_library_free(library);
    return false;
}

static bool has_passed(const struct natives *natives, const uint8_t digest[CRYPTO_HASH])
{
    for (size_t i = 0; i < natives->tested_count; i++)
        if (memcmp(natives->tested[i], digest, CRYPTO_HASH) == 0)
            return true;
    return false;
}

static void note_passed(struct natives *natives, const uint8_t digest[CRYPTO_HASH])
{
    if (natives->tested_count == NATIVES_TESTED) {
        memmove(natives->tested[0], natives->tested[1], (NATIVES_TESTED - 1) * CRYPTO_HASH);
        natives->tested_count--;
    }
    memcpy(natives->tested[natives->tested_count++], digest, CRYPTO_HASH);
}

struct str native_digest(struct str bytes, struct arena *arena)
{
    uint8_t digest[CRYPTO_HASH];

    crypto_sha256(bytes, digest);
    return bytes_to_hex(arena, digest, sizeof(digest));
}
