/* Staff, roles and keys as rows: the last owner stays, what belongs to another workspace is not there, and
 * whatever fails, a removal is whole or did not happen. */
#include "store_fixture.h"

#include "api/permissions.h"
#include "each_fault.h"
#include "store/company.h"
#include "store/invite.h"
#include "store/key.h"
#include "store/login.h"
#include "store/migrate.h"
#include "store/query.h"
#include "store/session.h"
#include "store/staff.h"
#include "store/sweep.h"
#include "store/workspace.h"

#include <string.h>
#include <unistd.h>

struct firm {
    struct workspace workspace;
    struct internal_user ann, bob; /* owners */
    struct internal_user cid;      /* staff, invited */
    struct api_key key;            /* of cid */
    struct invite invite;          /* of cid */
    struct role staff;
};

/* At time 1, as somebody who may all. */
static void begin(struct store *store, struct tx *tx, const struct firm *firm)
{
    store_job(store, tx);
    tx->actor = (struct actor){ .kind = ACTOR_SYSTEM, .road = "system" };
    if (firm) {
        tx->workspace = firm->workspace.seq;
        tx->workspace_id = firm->workspace.id;
    }
}

static void make_user(struct tx *tx, struct internal_user *user, const char *name, const char *role)
{
    *user = (struct internal_user){ .given_name = str_from(name),
                                    .family_name = STR("Test"),
                                    .email = str_printf(tx->arena, "%s@example.com", name),
                                    .role = str_from(role) };
    if (strcmp(role, "Owner") == 0) {
        struct login login = { .workspace = tx->workspace, .email = user->email };

        CHECK_INT(login_create(tx, &login), ST_OK);
        user->login = login.seq;
    }
    CHECK_INT(internal_user_create(tx, user), ST_OK);
    CHECK_INT(internal_user_load(tx, user->id, user), ST_OK);
}

static enum status make_firm(struct tx *tx, void *context)
{
    const struct invite_options options = { .mail = true };
    struct firm *firm = context;
    struct str text;

    tx->actor = (struct actor){ .kind = ACTOR_SYSTEM, .road = "system" };
    CHECK_INT(workspace_create(tx, STR("Test"), &firm->workspace), ST_OK);
    make_user(tx, &firm->ann, "ann", "owner"); /* whatever its case */
    CHECK(firm->ann.is_owner && !firm->ann.login);
    CHECK_INT(internal_user_remove(tx, &firm->ann, UUID_NONE), ST_OK);
    make_user(tx, &firm->ann, "ann", "Owner");
    make_user(tx, &firm->bob, "bob", "Owner");
    make_user(tx, &firm->cid, "cid", "Staff");
    firm->key = (struct api_key){ .name = STR("cid's"), .internal_user = firm->cid.seq };
    CHECK_INT(key_create(tx, &firm->key, &text), ST_OK);
    CHECK_INT(invite_make_staff(tx, &firm->cid, &options, 14, &firm->invite), ST_OK);
    CHECK(role_find_by_name(tx, STR("STAFF"), &firm->staff));
    return tx_status(tx);
}

static void open_firm(struct store *store, struct firm *firm)
{
    struct tx tx;

    store_open(store);
    tx_init(&tx, store->db, &store->arena, 1);
    CHECK_INT(tx_once(store->db, &tx, make_firm, firm), ST_OK);
}

static void check_sound(struct store *store)
{
    struct buf report;
    struct tx tx;

    buf_init(&report, 1 << 16);
    tx_init(&tx, store->db, &store->arena, 1);
    CHECK_INT(tx_begin_read(&tx), ST_OK);
    sweep_run(&tx, &report);
    tx_end_read(&tx);
    CHECK_STR(buf_view(&report), "");
    buf_fini(&report);
}

TEST(two_owners_who_remove_each_other_at_once_leave_one)
{
    struct store store;
    struct firm firm;
    struct tx tx;

    open_firm(&store, &firm);
    CHECK_INT(tx_batch_begin(store.db), ST_OK);
    begin(&store, &tx, &firm);
    CHECK_INT(internal_user_remove(&tx, &firm.bob, UUID_NONE), ST_OK);
    CHECK_INT(tx_job_end(&tx, true), TX_DONE);
    begin(&store, &tx, &firm);
    CHECK_INT(internal_user_remove(&tx, &firm.ann, UUID_NONE), ST_UNPROCESSABLE);
    CHECK_STR(tx.failure.code, "last_owner");
    CHECK(strstr(tx.failure.message.at, "make somebody else an owner first"));
    CHECK_INT(tx_job_end(&tx, false), TX_FAILED);
    CHECK_INT(tx_batch_commit(store.db, 1), ST_OK);
    check_sound(&store);
    store_close(&store);
}

TEST(no_statement_takes_the_last_owner_away)
{
    static const char *const statements[] = {
        "UPDATE internal_users SET removed_at = 1",
        "UPDATE internal_users SET role = (SELECT max(seq) FROM roles)",
        "UPDATE internal_users SET login = NULL",
        "DELETE FROM internal_users WHERE login IS NOT NULL",
        "UPDATE roles SET is_owner = 0",
        "UPDATE roles SET removed_at = 1 WHERE is_owner = 1",
        "UPDATE roles SET removed_at = 1 WHERE name = 'Staff'",
    };
    struct store store;
    struct firm firm;
    struct tx tx;

    open_firm(&store, &firm);
    for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
        harness_note("%s", statements[i]);
        CHECK_INT(tx_batch_begin(store.db), ST_OK);
        begin(&store, &tx, &firm);
        query_run(&tx, statements[i], NO_ARGS);
        CHECK_INT(tx_status(&tx), ST_UNPROCESSABLE);
        CHECK_INT(tx_job_end(&tx, false), TX_FAILED);
        tx_batch_abandon(store.db);
    }
    check_sound(&store);
    store_close(&store);
}

TEST(what_belongs_to_another_workspace_is_not_there)
{
    struct firm ours, theirs;
    struct internal_user user;
    struct company company = { .name = STR("Rockets") };
    struct api_key key;
    struct invite invite;
    struct store store;
    struct role role;
    struct tx tx;

    open_firm(&store, &ours);
    tx_init(&tx, store.db, &store.arena, 1);
    CHECK_INT(tx_once(store.db, &tx, make_firm, &theirs), ST_OK);
    CHECK(ours.workspace.seq != theirs.workspace.seq);

    CHECK_INT(tx_batch_begin(store.db), ST_OK);
    begin(&store, &tx, &theirs);
    CHECK_INT(company_create(&tx, &company), ST_OK);
    CHECK_INT(tx_job_end(&tx, true), TX_DONE);

    begin(&store, &tx, &ours);
    CHECK(!internal_user_find(&tx, theirs.cid.id, &user));
    CHECK(!internal_user_find_by_seq(&tx, theirs.cid.seq, &user));
    CHECK(!role_find(&tx, theirs.staff.id, &role));
    CHECK(!invite_find(&tx, theirs.invite.id, &invite));
    CHECK(!actor_find_key(&tx, theirs.key.id));
    CHECK_INT(key_load(&tx, theirs.key.id, &key), ST_NOT_FOUND);
    CHECK_INT(tx_job_end(&tx, false), TX_FAILED);

    begin(&store, &tx, &ours);
    user = ours.cid;
    user.role_seq = theirs.staff.seq;
    CHECK_INT(internal_user_update(&tx, &user), ST_UNPROCESSABLE);
    CHECK_STR(tx.failure.code, "role_gone");
    CHECK_INT(tx_job_end(&tx, false), TX_FAILED);

    begin(&store, &tx, &ours);
    user = ours.cid;
    user.is_limited = true;
    user.limited_to = (struct ids){ &company.id, 1 };
    CHECK_INT(internal_user_update(&tx, &user), ST_INVALID);
    CHECK_STR(tx.failure.errors->code, "not_found");
    CHECK_INT(tx_job_end(&tx, false), TX_FAILED);
    CHECK_INT(tx_batch_commit(store.db, 1), ST_OK);
    check_sound(&store);
    store_close(&store);
}

TEST(an_invite_is_of_one_person)
{
    static const char *const statements[] = {
        "UPDATE invites SET internal_user = NULL",
        "UPDATE invites SET client = 1",
        "INSERT INTO invites (workspace, id, internal_user, email, inviter_kind, created_at,"
        " expires_at) SELECT workspace, zeroblob(16), internal_user, email, inviter_kind, 1, 2"
        " FROM invites",
    };
    struct store store;
    struct firm firm;
    struct tx tx;

    open_firm(&store, &firm);
    for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
        harness_note("%s", statements[i]);
        CHECK_INT(tx_batch_begin(store.db), ST_OK);
        begin(&store, &tx, &firm);
        query_run(&tx, statements[i], NO_ARGS);
        CHECK(tx_status(&tx) == ST_CONFLICT || tx_status(&tx) == ST_UNPROCESSABLE);
        CHECK_INT(tx_job_end(&tx, false), TX_FAILED);
        tx_batch_abandon(store.db);
    }
    store_close(&store);
}

/* Sessions, keys, invites and the person himself: what is left of them. */
static int64_t left_of(struct store *store, const struct firm *firm)
{
    int64_t left;
    struct tx tx;

    tx_init(&tx, store->db, &store->arena, 1);
    CHECK_INT(tx_begin_read(&tx), ST_OK);
    left = query_one_int(
        &tx, -1,
        "SELECT (SELECT count(*) FROM internal_users WHERE seq = $1 AND removed_at IS NULL)"
        " + (SELECT count(*) FROM sessions WHERE person = $2 AND ended_at IS NULL)"
        " + (SELECT count(*) FROM api_keys WHERE internal_user = $1 AND revoked_at IS NULL)"
        " + (SELECT count(*) FROM invites WHERE internal_user = $1 AND cancelled_at IS NULL)",
        ARGS(arg_int(firm->cid.seq), arg_id(firm->cid.id)));
    tx_end_read(&tx);
    CHECK_INT(tx_status(&tx), ST_OK);
    return left;
}

static enum status remove_cid(struct tx *tx, void *context)
{
    const struct firm *firm = context;

    tx->workspace = firm->workspace.seq;
    return internal_user_remove(tx, &firm->cid, firm->ann.id);
}

static enum status open_session(struct tx *tx, void *context)
{
    const struct firm *firm = context;
    struct session session = { .login = firm->ann.login,
                               .kind = ACTOR_STAFF,
                               .person = firm->cid.id,
                               .idle = 10,
                               .expires_at = 100 };
    struct str text;

    tx->workspace = firm->workspace.seq;
    return session_create(tx, &session, &text);
}

TEST(each_fault_while_somebody_is_removed_leaves_all_of_him_or_nothing)
{
    EACH_FAULT(1u << FAULT_ARENA | 1u << FAULT_PREPARE | 1u << FAULT_STEP | 1u << FAULT_COMMIT)
    {
        enum status status;
        struct store store;
        struct firm firm;
        struct tx tx;
        uint64_t nth = each_fault.nth;

        fault_arm(0, 0);
        open_firm(&store, &firm);
        tx_init(&tx, store.db, &store.arena, 1);
        CHECK_INT(tx_once(store.db, &tx, open_session, &firm), ST_OK);
        CHECK_INT(left_of(&store, &firm), 4);
        fault_arm(each_fault.sites, nth);
        tx_init(&tx, store.db, &store.arena, 1);
        status = tx_once(store.db, &tx, remove_cid, &firm);
        if (EACH_FAULT_END() && status != ST_OK) {
            arena_reset(&store.arena);
            CHECK_INT(left_of(&store, &firm), 4);
            tx_init(&tx, store.db, &store.arena, 1);
            CHECK_INT(tx_once(store.db, &tx, remove_cid, &firm), ST_OK);
        }
        CHECK_INT(left_of(&store, &firm), 0);
        check_sound(&store);
        store_close(&store);
    }
}

TEST(a_workspace_from_before_keeps_its_people_roles_and_invites)
{
    struct store store;
    struct tx tx;

    memset(&store, 0, sizeof(store));
    arena_init(&store.arena, 64 << 20);
    store.path = test_path("old.db");
    CHECK_INT(db_open(store.path, DB_WRITE, &store.db, &store.failure, &store.arena), ST_OK);
    CHECK_INT(migrate_run_to(store.db, 6, NULL, &store.failure, &store.arena), ST_OK);
    store_sql(&store, "INSERT INTO workspaces (id, name, created_at, updated_at)"
                      " VALUES (randomblob(16), 'W', 1, 1)");
    store_sql(
        &store,
        "INSERT INTO roles (workspace, id, name, name_key, is_owner, permissions, created_at,"
        " updated_at) VALUES (1, randomblob(16), 'Owner', 'owner', 1, '[\"view_clients\"]', 1, "
        "1), (1, randomblob(16), 'Staff of assigned clients only', 's', 0,"
        " '[\"view_clients\",\"edit_clients\"]', 1, 1)");
    store_sql(&store, "INSERT INTO logins (id, workspace, email, email_key, created_at)"
                      " VALUES (randomblob(16), 1, 'a@b.c', 'a@b.c', 1)");
    store_sql(&store, "INSERT INTO internal_users (workspace, id, login, role, given_name, "
                      "family_name, email, email_key, fallback_color, first_login_at, created_at, "
                      "updated_at) VALUES (1, randomblob(16), 1, 1, 'Ann', 'LEE', 'a@b.c', 'a@b.c',"
                      " '#000000', 5, 1, 1)");
    store_sql(&store, "INSERT INTO clients (workspace, id, given_name, given_key, family_name,"
                      " family_key, creation_method, fallback_color, created_at, updated_at)"
                      " VALUES (1, randomblob(16), 'C', 'c', 'D', 'd', 0, '#000000', 1, 1)");
    store_sql(&store, "INSERT INTO invites (workspace, id, client, email, inviter_kind, created_at,"
                      " expires_at) VALUES (1, randomblob(16), 1, 'c@d.e', 'apiKey', 1, 2)");
    CHECK_INT(migrate_run(store.db, NULL, &store.failure, &store.arena), ST_OK);

    tx_init(&tx, store.db, &store.arena, 1);
    CHECK_INT(tx_begin_read(&tx), ST_OK);
    CHECK_INT(query_one_int(&tx, 0, "SELECT owner_count FROM workspaces", NO_ARGS), 1);
    CHECK_INT(query_one_int(&tx, 0, "SELECT count(*) FROM roles WHERE is_preset = 1", NO_ARGS), 2);
    CHECK_INT(query_one_int(&tx, 0,
                            "SELECT count(*) FROM roles WHERE permissions ="
                            " '[\"view_assigned_clients\",\"edit_clients\"]'",
                            NO_ARGS),
              1);
    CHECK_INT(query_one_int(&tx, 0,
                            "SELECT count(*) FROM internal_users WHERE status = 2 AND family_key ="
                            " 'lee'",
                            NO_ARGS),
              1);
    CHECK_INT(query_one_int(&tx, 0,
                            "SELECT count(*) FROM invites WHERE client = 1 AND seq = 1 AND"
                            " internal_user IS NULL AND email = 'c@d.e'",
                            NO_ARGS),
              1);
    tx_end_read(&tx);
    CHECK_INT(tx_status(&tx), ST_OK);
    check_sound(&store);
    store_close(&store);
}

TEST(every_permission_has_a_group_and_says_what_it_gives)
{
    for (int i = 0; i < PERMISSION_COUNT; i++) {
        harness_note("%s", permission_names[i]);
        CHECK(permission_help[i].group && permission_help[i].group[0]);
        CHECK(permission_help[i].help && permission_help[i].help[0]);
    }
}
