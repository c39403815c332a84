/* Login: rows of `logins`. */
#include "store/login.h"

#include "store/fold.h"
#include "store/query.h"
#include "store/session.h"

#define SELECT                                                                                     \
    "SELECT seq, id, workspace, email, email_key, password_hash, may_operate FROM logins "

static bool read_one(struct query q, struct login *login);

enum status login_create(struct tx *tx, struct login *login)
{
    login->id = tx_id(tx);
    login->email_key = fold_email(tx->arena, login->email);
    if (query_run_unique(
            tx,
            "INSERT INTO logins (id, workspace, email, email_key, password_hash, may_operate,"
            " created_at, password_changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            ARGS(arg_id(login->id),
                 login->workspace ? arg_int(login->workspace) : arg_text(STR_NONE),
                 arg_text(login->email), arg_text(login->email_key), arg_text(login->password_hash),
                 arg_bool(login->may_operate), arg_int(tx_now(tx)),
                 arg_time(str_is_absent(login->password_hash) ? 0 : tx_now(tx)))))
        return tx_fail(tx, ST_CONFLICT, "login_exists",
                       "There is a login of this address already.");
    login->seq = query_last_seq(tx);
    return tx_status(tx);
}

bool login_find(struct tx *tx, struct str email, struct login *login)
{
    struct str key = fold_email(tx->arena, email);

    if (str_is_absent(key))
        return false;
    return read_one(query_open(tx, SELECT "WHERE workspace = $1 AND email_key = $2",
                               ARGS(arg_int(tx->workspace), arg_text(key))),
                    login) ||
           login_find_proven(tx, email, login);
}

bool login_find_proven(struct tx *tx, struct str email, struct login *login)
{
    struct str key = fold_email(tx->arena, email);

    return !str_is_absent(key) &&
           read_one(query_open(tx, SELECT "WHERE workspace IS NULL AND email_key = $1",
                               ARGS(arg_text(key))),
                    login);
}

bool login_find_anywhere(struct tx *tx, struct str email, struct login *login)
{
    struct str key = fold_email(tx->arena, email);
    struct place places[LOGIN_PLACES];

    if (login_find_proven(tx, email, login) && login_places(tx, login->seq, places) > 0)
        return true;
    /* by workspaces, whose index has them first */
    return !str_is_absent(key) &&
           read_one(query_open(tx,
                               "SELECT l.seq, l.id, l.workspace, l.email, l.email_key,"
                               " l.password_hash, l.may_operate FROM workspaces w CROSS JOIN"
                               " logins l ON l.workspace = w.seq AND l.email_key = $1"
                               " WHERE EXISTS (SELECT 1 FROM internal_users u"
                               " WHERE u.workspace = w.seq AND u.login = l.seq"
                               " AND u.removed_at IS NULL)"
                               " OR EXISTS (SELECT 1 FROM clients c WHERE c.workspace = w.seq"
                               " AND c.login = l.seq AND c.archived_at IS NULL)"
                               " ORDER BY l.password_changed_at DESC, l.seq DESC LIMIT 1",
                               ARGS(arg_text(key))),
                    login);
}

size_t login_places(struct tx *tx, int64_t seq, struct place places[LOGIN_PLACES])
{
    struct query q = query_open(
        tx,
        "SELECT w.seq, w.id, w.name FROM (SELECT workspace, last_login_at FROM internal_users"
        " WHERE login = $1 AND removed_at IS NULL UNION ALL SELECT workspace, last_login_at"
        " FROM clients WHERE login = $1 AND archived_at IS NULL) p"
        " JOIN workspaces w ON w.seq = p.workspace GROUP BY w.seq"
        " ORDER BY max(p.last_login_at) DESC, w.seq LIMIT $2",
        ARGS(arg_int(seq), arg_int(LOGIN_PLACES)));
    size_t count = 0;

    while (query_next(&q))
        places[count++] = (struct place){ .workspace = query_int(&q, 0),
                                          .id = query_id(&q, 1),
                                          .name = query_text(&q, 2) };
    query_close(&q);
    return count;
}

bool login_load(struct tx *tx, int64_t seq, struct login *login)
{
    return read_one(query_open(tx, SELECT "WHERE seq = $1", ARGS(arg_int(seq))), login);
}

bool login_load_by_id(struct tx *tx, struct uuid id, struct login *login)
{
    return read_one(query_open(tx, SELECT "WHERE id = $1", ARGS(arg_id(id))), login);
}

enum status login_set_password(struct tx *tx, int64_t seq, const char *hash, struct uuid keep)
{
    query_run(tx, "UPDATE logins SET password_hash = $2, password_changed_at = $3 WHERE seq = $1",
              ARGS(arg_int(seq), arg_text(str_from(hash)), arg_int(tx_now(tx))));
    return session_end_all(tx, seq, keep);
}

enum status login_prove(struct tx *tx, struct login *login)
{
    struct login proven;

    if (!login->workspace)
        return tx_status(tx);
    if (!login_find_proven(tx, login->email, &proven)) {
        query_run(tx, "UPDATE logins SET workspace = NULL WHERE seq = $1",
                  ARGS(arg_int(login->seq)));
        login->workspace = 0;
        return tx_status(tx);
    }
    session_end_all(tx, login->seq, UUID_NONE);
    query_run(tx, "UPDATE clients SET login = $2 WHERE login = $1",
              ARGS(arg_int(login->seq), arg_int(proven.seq)));
    query_run(tx, "UPDATE internal_users SET login = $2 WHERE login = $1",
              ARGS(arg_int(login->seq), arg_int(proven.seq)));
    query_run(tx, "UPDATE sessions SET login = $2 WHERE login = $1",
              ARGS(arg_int(login->seq), arg_int(proven.seq)));
    query_run(tx, "DELETE FROM logins WHERE seq = $1", ARGS(arg_int(login->seq)));
    *login = proven;
    return tx_status(tx);
}

static bool read_one(struct query q, struct login *login)
{
    bool found = query_next(&q);

    if (found)
        *login = (struct login){
            .seq = query_int(&q, 0),
            .id = query_id(&q, 1),
            .workspace = query_int(&q, 2),
            .email = query_text(&q, 3),
            .email_key = query_text(&q, 4),
            .password_hash = query_text(&q, 5),
            .may_operate = query_bool(&q, 6),
        };
    query_close(&q);
    return found;
}
