/* Statement: prepared statements of one connection, kept.
 *
 * Literals are found by their address (open addressing, no comparison of texts), built ones by
 * content with the least recently used leaving. A statement that is taken while it is open already
 * (recursion, nested loops) gives a twin, which is kept as well.
 */
#include "base/check.h"
#include "base/fault.h"
#include "store/connection.h"

#include <stdlib.h>
#include <string.h>

static struct statement *statement_new(struct db *db, const char *sql, size_t len, int *code);
static void read_order(struct statement *statement);
static void statement_free(struct statement *statement);
static struct statement *open_twin(struct db *db, struct statement *first, int *code);
static size_t slot_of(const struct statements *all, const char *sql);
static void grow(struct statements *all);
static void keep_built(struct statements *all, struct statement *statement);
static uint64_t hash_of(struct str sql);

struct statement *statement_take(struct db *db, const char *sql, int *code)
{
    struct statements *all = &db->statements;
    struct statement *found;

    if (all->count * 2 >= all->cap)
        grow(all);
    found = all->by_address[slot_of(all, sql)];
    if (!found) {
        found = statement_new(db, sql, strlen(sql), code);
        if (!found)
            return NULL;
        found->is_kept = true;
        all->by_address[slot_of(all, sql)] = found;
        all->count++;
    }
#ifdef FOYER_FAULTS
    NEVER(
        strcmp(found->text, sqlite3_sql(found->handle))); /* a built text was given as a literal */
#endif
    return open_twin(db, found, code);
}

struct statement *statement_take_built(struct db *db, struct str sql, int *code)
{
    struct statements *all = &db->statements;
    uint64_t hash = hash_of(sql);
    struct statement *made;
    size_t i;

    for (i = 0; i < all->built_count; i++) {
        struct statement *known = all->built[i];

        if (known->hash == hash && known->text_len == sql.len &&
            !memcmp(known->text, sql.at, sql.len)) {
            known->used_at = ++all->tick;
            return open_twin(db, known, code);
        }
    }
    made = statement_new(db, sql.at, sql.len, code);
    if (!made)
        return NULL;
    made->owned = xmalloc(sql.len + 1);
    memcpy(made->owned, sql.at, sql.len);
    made->owned[sql.len] = '\0';
    made->text = made->owned;
    made->hash = hash;
    made->used_at = ++all->tick;
    keep_built(all, made);
    return open_twin(db, made, code);
}

void statement_give_back(struct db *db, struct statement *statement)
{
    sqlite3_reset(statement->handle);
    if (statement->parameters)
        sqlite3_clear_bindings(statement->handle);
    statement->is_open = false;
    db->open_queries--;
    if (!statement->is_kept)
        statement_free(statement);
}

void statements_fini(struct statements *all)
{
    size_t i;

    for (i = 0; i < all->cap; i++)
        statement_free(all->by_address[i]);
    for (i = 0; i < all->built_count; i++)
        statement_free(all->built[i]);
    free(all->by_address);
    memset(all, 0, sizeof(*all));
}

static struct statement *statement_new(struct db *db, const char *sql, size_t len, int *code)
{
    struct statement *made;
    sqlite3_stmt *handle = NULL;

    *code = fault_hits(FAULT_PREPARE)
                ? SQLITE_NOMEM
                : sqlite3_prepare_v3(db->handle, sql, (int)len, SQLITE_PREPARE_PERSISTENT, &handle,
                                     NULL);
    if (*code != SQLITE_OK)
        return NULL;
    NEVER(!handle); /* an empty text */
    made = xcalloc(1, sizeof(*made));
    made->handle = handle;
    made->text = sql;
    made->text_len = len;
    made->parameters = sqlite3_bind_parameter_count(handle);
    if (made->parameters) {
        made->ids = xcalloc((size_t)made->parameters, sizeof(*made->ids));
        made->order = xcalloc((size_t)made->parameters, sizeof(*made->order));
        read_order(made);
    }
    return made;
}

/* $2 is a name to SQLite: it gets the place in which it stands first in the text. */
static void read_order(struct statement *statement)
{
    int i;

    for (i = 0; i < statement->parameters; i++) {
        const char *name = sqlite3_bind_parameter_name(statement->handle, i + 1);
        int64_t number = 0;

        PRE(name && name[0] == '$' && str_to_int(str_from(name + 1), 1, UINT16_MAX, &number));
        statement->order[i] = (uint16_t)(number - 1);
    }
}

static void statement_free(struct statement *statement)
{
    struct statement *twin;

    for (; statement; statement = twin) {
        twin = statement->twin;
        sqlite3_finalize(statement->handle);
        free(statement->ids);
        free(statement->order);
        free(statement->owned);
        free(statement);
    }
}

/* The first of the twins that is free, or one more. */
static struct statement *open_twin(struct db *db, struct statement *first, int *code)
{
    struct statement *it = first;

    *code = SQLITE_OK;
    while (it->is_open) {
        if (!it->twin) {
            it->twin = statement_new(db, first->text, first->text_len, code);
            if (!it->twin)
                return NULL;
            it->twin->is_kept = true;
        }
        it = it->twin;
    }
    it->is_open = true;
    db->open_queries++;
    return it;
}

static size_t slot_of(const struct statements *all, const char *sql)
{
    size_t slot = (size_t)(((uint64_t)(uintptr_t)sql * UINT64_C(0x9e3779b97f4a7c15)) >> 32);

    for (;; slot++) {
        const struct statement *there = all->by_address[slot & (all->cap - 1)];

        if (!there || there->text == sql)
            return slot & (all->cap - 1);
    }
}

static void grow(struct statements *all)
{
    struct statements old = *all;
    size_t i;

    all->cap = old.cap ? old.cap * 2 : 64;
    all->by_address = xcalloc(all->cap, sizeof(struct statement *));
    for (i = 0; i < old.cap; i++)
        if (old.by_address[i])
            all->by_address[slot_of(all, old.by_address[i]->text)] = old.by_address[i];
    free(old.by_address);
}

/* Puts it in the place of the least recently used one that is not open; where all are open it is
 * not kept. */
static void keep_built(struct statements *all, struct statement *statement)
{
    size_t i, oldest = STATEMENTS_BUILT_MAX;

    statement->is_kept = true;
    if (all->built_count < STATEMENTS_BUILT_MAX) {
        all->built[all->built_count++] = statement;
        return;
    }
    for (i = 0; i < all->built_count; i++) {
        const struct statement *twin = all->built[i];

        while (twin && !twin->is_open)
            twin = twin->twin;
        if (!twin && (oldest == STATEMENTS_BUILT_MAX ||
                      all->built[i]->used_at < all->built[oldest]->used_at))
            oldest = i;
    }
    if (oldest == STATEMENTS_BUILT_MAX) {
        statement->is_kept = false;
        return;
    }
    statement_free(all->built[oldest]);
    all->built[oldest] = statement;
}

/* FNV-1a, eight bytes a step: only finds the statement, equality is checked. */
static uint64_t hash_of(struct str sql)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325), word;
    size_t i;

    for (i = 0; i + 8 <= sql.len; i += 8) {
        memcpy(&word, sql.at + i, 8);
        hash = (hash ^ word) * UINT64_C(0x100000001b3);
        hash ^= hash >> 29;
    }
    for (; i < sql.len; i++)
        hash = (hash ^ (uint8_t)sql.at[i]) * UINT64_C(0x100000001b3);
    return hash;
}
