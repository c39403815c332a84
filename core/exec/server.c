/* Server: what a process has, in the order in which it comes and goes. */
#include "exec/server.h"

#include "api/docs.h"
#include "api/health.h"
#include "api/openapi.h"
#include "api/site.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "exec/courier.h"
#include "exec/inside.h"
#include "exec/reader.h"
#include "exec/scratch_inside.h"
#include "exec/script.h"
#include "exec/worker.h"
#include "exec/writer.h"
#include "http/host.h"
#include "lua/manual.h"
#include "lua/stubs.h"
#include "plugin/host.h"
#include "store/db.h"
#include "store/mail.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { WORKERS = 2, READERS_MIN = 2, READERS_MAX = 8 };
enum {
    OTHER_SLOTS = 3
}; /* the writer's, the courier's and the scripts', after those of the loops */

static enum status open_routes(struct server *server, const struct server_options *options,
                               struct failure *failure, struct arena *arena);
static enum status open_rules(struct server *server, const struct server_options *options,
                              struct failure *failure, struct arena *arena);
static enum status open_threads(struct server *server, struct failure *failure,
                                struct arena *arena);
static enum status open_courier(struct server *server, struct failure *failure,
                                struct arena *arena);
static bool is_mail_owed(struct server *server, struct arena *arena);
static enum read_mode reads_of_tests(void);
static size_t reader_count(const struct config *config);
static void raise_descriptors(void);
/* ns: a text that was recorded is in force by then, or could not be put there. */
#define SCRIPTS_COMING UINT64_C(10000000000)

static void on_committed(void *context, struct tx_effects effects);
static void on_storage_failed(void *context);
static bool is_ready(void *context, const char **reason);
static void write_metrics(void *context, struct buf *out);
static void reload(void *arg);

enum status server_open(struct server *server, const struct server_options *options,
                        struct failure *failure, struct arena *arena)
{
    const struct config *config = options->config;
    const char *stutter = getenv("FOYER_STUTTER");
    enum status status;

    memset(server, 0, sizeof(*server));
    mutex_init(&server->lock);
    cond_init(&server->changed);
    server->folder.lock_fd = server->folder.mark_fd = -1;
    server->config = config;
    server->scratch = options->scratch;
    server->stutters = stutter && !strcmp(stutter, "1");
    server->reads = reads_of_tests();
    server->loop_count = config->loops > 0 ? (size_t)config->loops : (size_t)thread_cores();
    snprintf(server->limit_policy, sizeof(server->limit_policy), "\"requests\";q=%lld;w=%lld",
             (long long)config->rate_limit_burst,
             config->rate_limit_per_key > 0
                 ? (long long)((config->rate_limit_burst + config->rate_limit_per_key - 1) /
                               config->rate_limit_per_key)
                 : 1LL);
    server->limiter = limiter_new(config->rate_limit_per_key, config->rate_limit_burst);
    raise_descriptors();
    server->pieces = pieces_new(server);
    fan_init(&server->fan);
    status = datafolder_open(&server->folder, config->data, failure, arena);
    if (status != ST_OK)
        return status;
    server->has_folder = true;
    status = datafolder_open_database(&server->folder, &server->db, failure, arena);
    if (status == ST_OK)
        status = open_routes(server, options, failure, arena);
    if (status == ST_OK)
        status = open_rules(server, options, failure, arena);
    if (status == ST_OK)
        status = open_threads(server, failure, arena);
    if (status == ST_OK)
        status = open_courier(server, failure, arena);
    if (status == ST_OK)
        server->scripts = scripts_new(server, server->loop_count + 2);
    return status;
}

void server_set_bound(struct server *server, const char *listen)
{
    static const struct {
        const char *name;
        enum crypto_cost cost;
    } costs[] = {
        { "minimal", CRYPTO_COST_MINIMAL },
        { "interactive", CRYPTO_COST_INTERACTIVE },
        { "moderate", CRYPTO_COST_MODERATE },
    };
    const struct config *config = server->config;
    const char *base_url = config->base_url;
    char bound[300];

    snprintf(bound, sizeof(bound), "http://%s", listen);
    server->base_url = xstrdup(base_url ? base_url : bound);
    server->is_secure = !strncmp(server->base_url, "https://", 8);
    server->host_policy = host_policy_new(base_url, listen, NULL, 0);
    site = (struct site){
        .base_url = str_from(server->base_url),
        .is_secure = server->is_secure,
        .invite_days = config->invite_days,
        .session_idle = config->session_idle_minutes * CLOCK_MINUTE,
        .session_life = config->session_hours * CLOCK_HOUR,
        .outgoing_allow = config->outgoing_allow,
    };
    if (site.base_url.len > 0 && site.base_url.at[site.base_url.len - 1] == '/')
        site.base_url.len--;
    for (size_t i = 0; i < sizeof(costs) / sizeof(costs[0]); i++)
        if (!strcmp(costs[i].name, config->password_cost))
            site.password_cost = costs[i].cost;
}

int server_run(struct server *server, const struct loop_calls *calls)
{
    PRE(server->host_policy); /* server_set_bound came before */
    server->calls = calls;
    if (!server_start_threads(server))
        return 1;
    server->started_at = clock_wall();
    control_open(server);
    calls->on_ready(calls->context);
    loop_run(&server->loops[0]);
    server_stop_threads(server);
    log_info(STR_NONE, "ended", LOG_N("commits", db_commits(server->db)));
    return atomic_load(&server->has_storage_failed);
}

void server_close(struct server *server)
{
    size_t i;

    signals_close(server->signals);
    for (i = 0; server->loops && i < server->loop_count; i++)
        loop_fini(&server->loops[i]);
    signals_free(server->signals);
    control_free(server->control);
    free(server->loops);
    limiter_free(server->limiter);
    readers_free(server->readers);
    workers_free(server->workers);
    workers_free(server->password_workers);
    scripts_free(server->scripts);
    courier_close(server->courier);
    writer_free(server->writer);
    pieces_free(server->pieces);
    if (server->has_reloader)
        thread_join(&server->reloader);
    host_close(server->host);
    if (server->numbers)
        route_numbers_fini(server->numbers);
    free(server->numbers);
    router_free(server->router);
    host_policy_free(server->host_policy);
    free(server->base_url);
    db_close(server->db);
    if (server->has_folder)
        datafolder_close(&server->folder);
    cond_fini(&server->changed);
    mutex_fini(&server->lock);
}

void server_drain(struct server *server)
{
    size_t i;

    mutex_lock(&server->lock);
    if (atomic_load(&server->is_draining)) {
        mutex_unlock(&server->lock);
        return;
    }
    server->drain_deadline = clock_monotonic() + LIMIT_DRAIN_SECONDS * UINT64_C(1000000000);
    atomic_store(&server->is_draining, true);
    mutex_unlock(&server->lock);
    log_info(STR_NONE, "draining: what has begun is finished, nothing new is taken");
    for (i = 0; i < server->loop_count; i++)
        loop_ask_drain(&server->loops[i]);
}

/* A request for a reload while one runs is done after it: it may have come too late for that one. */
void server_reload(struct server *server)
{
    mutex_lock(&server->lock);
    if (server->is_reloading) {
        server->is_reload_wanted = true;
    } else {
        if (server->has_reloader)
            thread_join(&server->reloader);
        server->is_reloading = thread_start(&server->reloader, "reload", reload, server) == ST_OK;
        server->has_reloader = server->is_reloading;
    }
    mutex_unlock(&server->lock);
}

bool server_lets_go(struct server *server)
{
    bool are_over;

    mutex_lock(&server->lock);
    are_over = server->loops_over + 1 == server->loop_count;
    mutex_unlock(&server->lock);
    if (are_over)
        signals_close(server->signals);
    return are_over;
}

static enum status open_routes(struct server *server, const struct server_options *options,
                               struct failure *failure, struct arena *arena)
{
    static struct health_source source = { .is_ready = is_ready, .write_metrics = write_metrics };
    enum status status;
    struct buf error;

    buf_init(&error, KIB(64));
    status = router_new(options->routes, &server->router, &error);
    if (status != ST_OK)
        failure_set(failure, arena, status, "routes_faulty", "%.*s", STR_ARG(buf_view(&error)));
    buf_fini(&error);
    if (status != ST_OK)
        return status;
    server->numbers = xcalloc(1, sizeof(*server->numbers));
    route_numbers_init(server->numbers, server->router);
    openapi_set_router(server->router);
    docs_set(server->router, manual_write, stubs_write);
    dispatch_start(server->router);
    source.context = server;
    health_set_source(&source);
    return ST_OK;
}

static enum read_mode reads_of_tests(void)
{
    const char *is_test = getenv("FOYER_TEST"), *reads = getenv("FOYER_READS");

    if (!is_test || !reads || strcmp(is_test, "1") != 0)
        return READS_INLINE;
    return !strcmp(reads, "threads") ? READS_ON_THREADS
           : !strcmp(reads, "again") ? READS_AGAIN
                                     : READS_INLINE;
}

/* Also on one core two, so that one long read does not keep all others waiting. */
static size_t reader_count(const struct config *config)
{
    size_t cores = (size_t)thread_cores();

    if (config->readers > 0)
        return (size_t)config->readers;
    return cores < READERS_MIN ? READERS_MIN : cores > READERS_MAX ? READERS_MAX : cores;
}

/* A slot for each loop, then the writer's, the courier's, the scripts', and those of the readers. */
static enum status open_rules(struct server *server, const struct server_options *options,
                              struct failure *failure, struct arena *arena)
{
    struct host_options host = {
        .config = server->config,
        .data = server->folder.path,
        .runtime = options->runtime,
        .router = server->router,
        .slots = server->loop_count + OTHER_SLOTS + reader_count(server->config),
        .watch = !server->scratch,
    };

    if (server->scratch)
        scratch_set_sources(&host);
    return host_open(&host, &server->host, failure, arena);
}

static enum status open_threads(struct server *server, struct failure *failure, struct arena *arena)
{
    const struct config *config = server->config;
    const struct writer_options writer = {
        .db = server->db,
        .folder = &server->folder,
        .chores = server->scratch ? scratch_chores : writer_chores,
        .pieces = server->pieces,
        .server = server,
        .stutters = server->stutters,
        .on_committed = on_committed,
        .on_failed = on_storage_failed,
        .context = server,
    };
    size_t passwords =
        config->password_workers > 0 ? (size_t)config->password_workers : (size_t)thread_cores();
    enum status status = ST_OK;
    size_t i;

    server->writer = writer_new(&writer);
    server->workers = workers_new("worker", WORKERS, LIMIT_WORKER_QUEUE, job_work);
    server->password_workers = workers_new("password", passwords, LIMIT_PASSWORD_QUEUE, job_work);
    server->readers = readers_new(server, reader_count(config), server->loop_count + OTHER_SLOTS);
    server->loops = xcalloc(server->loop_count, sizeof(server->loops[0]));
    for (i = 0; i < server->loop_count; i++)
        loop_init(&server->loops[i], server, (int)i);
    for (i = 0; i < server->loop_count && status == ST_OK; i++)
        status = loop_open(&server->loops[i], failure, arena);
    if (status == ST_OK && !server->scratch) {
        server->signals = signals_open(server, failure, arena);
        status = failure->status;
    }
    return status;
}

static enum status open_courier(struct server *server, struct failure *failure, struct arena *arena)
{
    const struct courier_options options = {
        .config = server->config,
        .database = server->folder.database,
        .server_key = server->folder.server_key,
        .host = server->host,
        .slot = server->loop_count + 1,
        .writer = server->writer,
        .is_owed = is_mail_owed(server, arena),
        .scratch = server->scratch,
    };

    return courier_open(&options, &server->courier, failure, arena);
}

/* So that a courier that has nothing to do opens no connection. Before the writer's thread has this one. */
static bool is_mail_owed(struct server *server, struct arena *arena)
{
    struct mail *mails;
    int64_t next = 0;
    size_t count = 0;
    struct tx tx;
    bool is_owed;

    tx_init(&tx, server->db, arena, clock_wall());
    is_owed = tx_begin_read(&tx) != ST_OK || mail_owed(&tx, 1, &mails, &count, &next) != ST_OK ||
              count > 0 || next;
    tx_end_read(&tx);
    return is_owed;
}

/* As many as the machine lets us have: a connection is one, and running out is only ever survived. */
static void raise_descriptors(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max)
        return;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        log_warn(STR_NONE, "the limit of open files cannot be raised");
}

static void on_committed(void *context, struct tx_effects effects)
{
    struct server *server = context;

    if (effects.mails)
        courier_wake(server->courier);
    if (effects.scripts) {
        server->scripts_coming_after = host_generation(server->host);
        server->scripts_coming_until = clock_monotonic() + SCRIPTS_COMING;
    }
    if (effects.listeners)
        fan_look_again(&server->fan);
    if (effects.events)
        fan_wake(&server->fan);
    if (effects.deliveries)
        scripts_wake(server->scripts);
}

static void on_storage_failed(void *context)
{
    struct server *server = context;

    atomic_store(&server->has_storage_failed, true);
    server_drain(server);
}

static bool is_ready(void *context, const char **reason)
{
    return server_is_ready(context, reason);
}

bool server_is_ready(struct server *server, const char **reason)
{
    enum writer_health health = writer_health(server->writer);

    *reason = "ready";
    if (health == WRITER_READ_ONLY)
        *reason = "read_only";
    else if (atomic_load(&server->is_draining))
        *reason = "draining";
    else if (host_is_failing(server->host))
        *reason = "rules_failing";
    else if (health == WRITER_DISK_FULL)
        *reason = "disk_full";
    return !strcmp(*reason, "ready") || !strcmp(*reason, "disk_full");
}

static void write_metrics(void *context, struct buf *out)
{
    metrics_write(context, out);
}

static void reload(void *arg)
{
    struct server *server = arg;
    bool is_wanted;

    do {
        if (host_reload(server->host, NULL) == ST_OK) /* it has logged what is wrong with them */
            log_info(STR_NONE, "scripts were read anew",
                     LOG_N("generation", host_generation(server->host)));
        mutex_lock(&server->lock);
        is_wanted = server->is_reload_wanted;
        server->is_reload_wanted = false;
        server->is_reloading = is_wanted;
        mutex_unlock(&server->lock);
    } while (is_wanted);
}
