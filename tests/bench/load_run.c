/* Load, the loop: connections, requests, answers. One thread, epoll.
 *
 * It reads of an answer what it must: the status, Content-Length, and that the body came whole.
 * An answer without Content-Length is an error: every server here knows what it sends.
 */
#include "load.h"
#include "people.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

enum { OUT_MAX = 4096, HEAD_MAX = 16384, EVENTS = 256 };
static const uint64_t REST = 300000000; /* nanoseconds */

struct conn {
    int fd;
    int status;       /* of the answer under way; 0: its header is not whole */
    bool is_answered; /* once at least */
    size_t body_left; /* bytes of the body still to come */
    size_t head_len;
    uint64_t sent_at;
    char head[HEAD_MAX];
};

struct load {
    const struct load_plan *plan;
    struct load_result *result;
    struct conn *conns; /* those at work, then those that idle */
    int poll;
    uint64_t dice;
    uint32_t created; /* persons asked for so far */
    size_t micros_cap;
    uint64_t measured_from; /* requests that were sent before are not counted */
    bool is_over;           /* send no more */
    bool failed;
    char *echo; /* load_once: the answer is copied to stdout when not NULL */
};

static bool load_open(struct load *load, const struct load_plan *plan, struct load_result *result);
static void load_close(struct load *load);
static bool conn_open(struct load *load, struct conn *conn);
static void idle_open(struct load *load);
static size_t server_rss(pid_t server);
static void raise_descriptors(void);
static void conn_send(struct load *load, struct conn *conn);
static void conn_ask(struct load *load, struct conn *conn);
static size_t request_write(struct load *load, char *out);
static void conn_receive(struct load *load, struct conn *conn);
static bool head_end(struct load *load, struct conn *conn, const char *end);
static void conn_done(struct load *load, struct conn *conn);
static void loop_until(struct load *load, uint64_t deadline);
static void loop_turn(struct load *load);
static bool fail(struct load *load, const char *what);

bool load_run(const struct load_plan *plan, struct load_result *result)
{
    struct load load;
    struct meter from, to;
    size_t i;

    if (!load_open(&load, plan, result))
        return false;
    load.measured_from = plan->count ? 0 : UINT64_MAX;
    for (i = 0; i < plan->connections && !load.failed; i++)
        conn_send(&load, &load.conns[i]);
    if (!plan->count)
        loop_until(&load, meter_now() + (uint64_t)(plan->warm_up * 1e9));
    if (plan->idle)
        idle_open(&load);
    if (!meter_read(&from, plan->server))
        fail(&load, "the server is gone");
    if (!plan->count)
        load.measured_from = from.wall;
    loop_until(&load, plan->count ? UINT64_MAX : from.wall + (uint64_t)(plan->seconds * 1e9));
    if (!meter_read(&to, plan->server))
        fail(&load, "the server is gone");
    meter_between(&from, &to, &result->usage);
    load_close(&load);
    return !load.failed;
}

bool load_once(const struct load_plan *plan)
{
    struct load load;
    struct load_result result = { 0 };
    struct load_plan one = *plan;

    one.connections = 1;
    one.count = 1;
    if (!load_open(&load, &one, &result))
        return false;
    load.echo = "";
    conn_send(&load, &load.conns[0]);
    loop_until(&load, meter_now() + UINT64_C(10000000000));
    load_close(&load);
    free(result.micros);
    return !load.failed && result.refused == 0;
}

static bool load_open(struct load *load, const struct load_plan *plan, struct load_result *result)
{
    size_t i;

    raise_descriptors();
    memset(load, 0, sizeof(*load));
    load->plan = plan;
    load->result = result;
    load->dice = UINT64_C(0x123456789ABCDEF) + plan->create_seed;
    load->poll = epoll_create1(EPOLL_CLOEXEC);
    load->conns = calloc(plan->connections + plan->idle, sizeof(struct conn));
    for (i = 0; i < plan->connections + plan->idle; i++)
        load->conns[i].fd = -1;
    for (i = 0; i < plan->connections; i++)
        if (!conn_open(load, &load->conns[i])) {
            load_close(load);
            return false;
        }
    return true;
}

static void load_close(struct load *load)
{
    size_t i;

    for (i = 0; i < load->plan->connections + load->plan->idle; i++)
        if (load->conns[i].fd >= 0)
            close(load->conns[i].fd);
    close(load->poll);
    free(load->conns);
}

/* As many as it may have; connect says when that is too few. */
static void raise_descriptors(void)
{
    struct rlimit files;

    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
}

/* Each has one answer and asks no more. Those at work rest meanwhile, so that what the server's memory
 * grows by is of the idle ones. */
static void idle_open(struct load *load)
{
    const struct load_plan *plan = load->plan;
    struct conn *conn, *end = load->conns + plan->connections + plan->idle;
    size_t i, before;

    load->is_over = true;
    loop_until(load, meter_now() + REST);
    before = server_rss(plan->server);
    for (conn = load->conns + plan->connections; conn < end && !load->failed; conn++) {
        if (!conn_open(load, conn))
            return;
        conn_ask(load, conn);
        while (!conn->is_answered && !load->failed)
            loop_turn(load);
    }
    load->result->idle_kib = (double)server_rss(plan->server) - (double)before;
    load->is_over = false;
    for (i = 0; i < plan->connections && !load->failed; i++)
        conn_send(load, &load->conns[i]);
    loop_until(load, meter_now() + REST);
}

/* KiB; 0 where it cannot be read. */
static size_t server_rss(pid_t server)
{
    char path[64], line[128];
    size_t kib = 0;
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%d/status", (int)server);
    file = fopen(path, "re");
    while (file && fgets(line, sizeof(line), file))
        if (strncmp(line, "VmRSS:", 6) == 0)
            kib = strtoul(line + 6, NULL, 10);
    if (file)
        fclose(file);
    return kib;
}

static bool conn_open(struct load *load, struct conn *conn)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = conn };
    int one = 1;

    address.sin_port = htons((uint16_t)load->plan->port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    conn->status = 0;
    conn->head_len = 0;
    conn->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (conn->fd < 0 || connect(conn->fd, (struct sockaddr *)&address, sizeof(address)))
        return fail(load, strerror(errno));
    setsockopt(conn->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    if (epoll_ctl(load->poll, EPOLL_CTL_ADD, conn->fd, &event))
        return fail(load, strerror(errno));
    return true;
}

static void conn_send(struct load *load, struct conn *conn)
{
    bool is_idle = (size_t)(conn - load->conns) >= load->plan->connections;

    if (is_idle || load->is_over || (load->plan->count && load->result->sent == load->plan->count))
        return;
    conn_ask(load, conn);
}

static void conn_ask(struct load *load, struct conn *conn)
{
    char out[OUT_MAX];
    size_t len = request_write(load, out);

    load->result->sent++;
    conn->sent_at = meter_now();
    /* One request always fits into an empty socket buffer. */
    if (send(conn->fd, out, len, MSG_NOSIGNAL) != (ssize_t)len)
        fail(load, "a request could not be sent");
}

static size_t request_write(struct load *load, char *out)
{
    const struct load_plan *plan = load->plan;
    const char *hole = strstr(plan->target, "{}");
    char body[512] = "", extra[96] = "";
    struct person who;
    int len;

    if (plan->create_seed) {
        person_make(plan->create_seed, load->created++, &who);
        len = snprintf(body, sizeof(body),
                       "{\"givenName\":\"%s\",\"familyName\":\"%s\",\"email\":\"%s\"}", who.given,
                       who.family, who.email);
        snprintf(extra, sizeof(extra), "Content-Type: application/json\r\nContent-Length: %d\r\n",
                 len);
    }
    len = snprintf(out, OUT_MAX,
                   "%s %.*s%s%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nX-API-Key: %s\r\n%s\r\n%s",
                   plan->create_seed ? "POST" : "GET",
                   hole ? (int)(hole - plan->target) : (int)strlen(plan->target), plan->target,
                   hole ? plan->fill[random_next(&load->dice) % plan->fill_count] : "",
                   hole ? hole + 2 : "", plan->port, plan->key, extra, body);
    return (size_t)len < OUT_MAX ? (size_t)len : OUT_MAX;
}

static void conn_receive(struct load *load, struct conn *conn)
{
    static char sink[262144];
    char *to = conn->status ? sink : conn->head + conn->head_len;
    size_t room = conn->status ? sizeof(sink) : HEAD_MAX - conn->head_len;
    ssize_t len = recv(conn->fd, to, room, MSG_DONTWAIT);
    const char *end;

    if (len < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (len <= 0) {
        fail(load, len ? strerror(errno) : "the server closed a connection under way");
        return;
    }
    load->result->bytes += (size_t)len;
    if (load->echo)
        fwrite(to, 1, (size_t)len, stdout);
    if (conn->status) {
        conn->body_left -= (size_t)len < conn->body_left ? (size_t)len : conn->body_left;
    } else {
        conn->head_len += (size_t)len;
        end = memmem(conn->head, conn->head_len, "\r\n\r\n", 4);
        if (!end && conn->head_len < HEAD_MAX)
            return;
        if (!head_end(load, conn, end))
            return;
    }
    if (!conn->body_left)
        conn_done(load, conn);
}

/* end is where the blank line begins, NULL: there is none. */
static bool head_end(struct load *load, struct conn *conn, const char *end)
{
    const char *line = end ? conn->head : NULL;
    size_t behind, length = SIZE_MAX;

    while (line && line < end) {
        if (strncasecmp(line, "content-length:", 15) == 0)
            length = strtoul(line + 15, NULL, 10);
        line = memmem(line, (size_t)(end + 2 - line), "\r\n", 2);
        line = line ? line + 2 : NULL;
    }
    if (length == SIZE_MAX)
        return fail(load, "an answer has no end of header or no Content-Length");
    conn->status = (int)strtol(conn->head + 9, NULL, 10);
    behind = conn->head_len - (size_t)(end + 4 - conn->head);
    conn->body_left = length - (behind < length ? behind : length);
    return true;
}

static void conn_done(struct load *load, struct conn *conn)
{
    struct load_result *result = load->result;

    if (conn->sent_at >= load->measured_from) {
        if (result->requests == load->micros_cap) {
            load->micros_cap = load->micros_cap ? load->micros_cap * 2 : 65536;
            result->micros = realloc(result->micros, load->micros_cap * sizeof(uint32_t));
        }
        result->micros[result->requests++] = (uint32_t)((meter_now() - conn->sent_at) / 1000);
    }
    if ((conn->status < 200 || conn->status > 299) && result->refused++ == 0)
        fprintf(stderr, "load: first refusal:\n%.*s\n", (int)conn->head_len, conn->head);
    conn->status = 0;
    conn->head_len = 0;
    conn->is_answered = true;
    conn_send(load, conn);
}

static void loop_until(struct load *load, uint64_t deadline)
{
    while (!load->failed && meter_now() < deadline) {
        if (load->plan->count && load->result->requests == load->plan->count)
            return;
        loop_turn(load);
    }
}

static void loop_turn(struct load *load)
{
    struct epoll_event events[EVENTS];
    int i, count = epoll_wait(load->poll, events, EVENTS, 100);

    for (i = 0; i < count && !load->failed; i++)
        conn_receive(load, events[i].data.ptr);
}

static bool fail(struct load *load, const char *what)
{
    if (!load->failed)
        fprintf(stderr, "load: %s\n", what);
    load->failed = true;
    return false;
}
