/* Courier: whatever fails while a mail is prepared and its result written, it goes out, once. */
#include "api/routes.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/limits.h"
#include "exec/courier.h"
#include "exec/writer.h"
#include "exec_folder.h"
#include "harness.h"
#include "http/route.h"
#include "lua/engine.h"
#include "plugin/host.h"
#include "store/mail.h"
#include "store/workspace.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#ifdef FOYER_FAULTS

struct post {
    struct exec_folder made;
    struct config config;
    struct router *router;
    struct host *host;
    struct writer *writer;
    struct courier *courier;
    struct uuid mail;
};

static int64_t moved;

/* Whoever waits for a time need not wait long. */
static void move_clock(int64_t seconds)
{
    FILE *file = fopen(test_path("clock"), "r+");

    moved += seconds * CLOCK_SECOND;
    CHECK(file && fwrite(&moved, sizeof(moved), 1, file) == 1 && fclose(file) == 0);
}

static void open_post(struct post *post)
{
    struct config_arg args[] = { { "data", test_path("data") } };
    struct host_options options = { .config = &post->config, .runtime = &lua_runtime, .slots = 1 };
    struct failure failure = { 0 };
    char *none[] = { NULL };
    struct buf error;

    *post = (struct post){ .host = NULL };
    test_write_file("clock", str_slice((const char *)&moved, sizeof(moved)));
    CHECK_INT(setenv("FOYER_TEST", "1", 1), 0);
    CHECK_INT(setenv("FOYER_TEST_CLOCK", test_path("clock"), 1), 0);
    clock_start();
    exec_folder_open(&post->made);
    buf_init(&error, KIB(64));
    CHECK(config_load(&post->config, NULL, none, args, 1, &error));
    CHECK_INT(router_new(api_routes, &post->router, &error), ST_OK);
    options.router = post->router;
    CHECK_INT(host_open(&options, &post->host, &failure, &post->made.arena), ST_OK);
    buf_fini(&error);
}

static void close_post(struct post *post)
{
    host_close(post->host);
    router_free(post->router);
    exec_folder_close(&post->made);
}

static enum status owe(struct tx *tx, void *context)
{
    struct post *post = context;
    struct workspace workspace;
    struct mail mail = { .render = STR("test"),
                         .recipient = STR("ann@example.com"),
                         .locale = STR("en"),
                         .data = STR("{}") };

    if (workspace_choose(tx, (struct uuid){ { 0 } }) != ST_OK)
        return tx_status(tx);
    workspace_load(tx, &workspace);
    mail_queue(tx, &mail);
    post->mail = mail.id;
    return tx_status(tx);
}

static enum status make_workspace(struct tx *tx, void *context)
{
    struct workspace workspace;

    (void)context;
    return workspace_create(tx, STR("Test"), &workspace);
}

static void in_tx(struct post *post, enum status (*change)(struct tx *, void *))
{
    struct arena arena;
    struct tx tx;

    arena_init(&arena, MIB(1));
    tx_init(&tx, post->made.db, &arena, clock_wall());
    CHECK_INT(tx_once(post->made.db, &tx, change, post), ST_OK);
    arena_fini(&arena);
}

static void pause_ms(int milliseconds)
{
    nanosleep(&(const struct timespec){ .tv_nsec = milliseconds * 1000000L }, NULL);
}

/* Up to its end, where it is sent. */
static void wait_until_sent(struct post *post)
{
    int i;

    for (i = 0; i < 3000; i++) {
        if (exec_folder_ask(&post->made, "SELECT count(*) FROM mails WHERE state != 'sent'") == 0)
            return;
        move_clock(120);
        pause_ms(10);
    }
    harness_failed(__FILE__, __LINE__, "a mail is still owed");
}

/* One mail with its nth fallible call failing. False: there was no such call. */
static bool send_with_fault(struct post *post, uint64_t nth)
{
    const struct courier_options options = {
        .config = &post->config,
        .database = post->made.folder.database,
        .server_key = post->made.folder.server_key,
        .host = post->host,
        .is_owed = true,
        .writer = post->writer = writer_new(
            &(const struct writer_options){ .db = post->made.db, .folder = &post->made.folder }),
    };
    struct failure failure = { 0 };
    char name[UUID_TEXT], path[128];
    struct stat info;
    bool was_hit;
    int i;

    in_tx(post, owe);
    uuid_format(post->mail, name);
    snprintf(path, sizeof(path), "data/mail/new/%s.eml", name);
    CHECK_INT(courier_open(&options, &post->courier, &failure, &post->made.arena), ST_OK);
    CHECK_INT(writer_start(post->writer), ST_OK);
    fault_arm(1u << FAULT_PREPARE | 1u << FAULT_STEP | 1u << FAULT_FILE | 1u << FAULT_QUEUE, nth);
    CHECK_INT(courier_start(post->courier), ST_OK);
    for (i = 0; i < 300 && !fault_was_hit() && stat(test_path(path), &info) != 0; i++)
        pause_ms(5);
    pause_ms(5); /* and its result */
    was_hit = fault_was_hit();
    fault_arm(0, 0);
    wait_until_sent(post);
    courier_stop(post->courier);
    courier_close(post->courier);
    writer_stop(post->writer);
    writer_free(post->writer);
    CHECK_INT(stat(test_path(path), &info), 0);
    return was_hit;
}

TEST(a_mail_goes_out_whatever_fails_on_its_way)
{
    struct post post;
    uint64_t nth;

    open_post(&post);
    in_tx(&post, make_workspace);
    for (nth = 1; send_with_fault(&post, nth); nth++)
        harness_note("with fallible call %llu failing", (unsigned long long)nth + 1);
    CHECK(nth > 8);
    close_post(&post);
}
#endif
