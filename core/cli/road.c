/* Road: the client of the control socket. What runs without a server is road_here.c's. */
#include "cli/road.h"

#include "base/bytes.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "cli/road_here.h"
#include "exec/control.h"
#include "store/db.h"
#include "store/fold.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { AGAIN_MS = 50 };
#define SECOND UINT64_C(1000000000) /* of monotonic time */

static void start(struct road *road, const struct command *command);
static bool find(struct road *road, const char *data);
static bool connect_to(struct road *road);
static bool is_own(struct road *road);
static bool send_question(struct road *road, struct str question);
static bool take_answer(struct road *road, struct buf *out, void (*progress)(struct str line));
static bool take(struct road *road, void *at, size_t len);
static bool wait_for(struct road *road, short what);
static void say_failed(const struct road *road, struct str lines);
static bool hangs(const struct road *road);

static void start(struct road *road, const struct command *command)
{
    memset(road, 0, sizeof(*road));
    road->command = command;
    road->patience = ROAD_PATIENCE;
    if (command == &command_plugin_run)
        road->patience += LIMIT_HANDLER_SECONDS;
    road->fd = road->folder.lock_fd = road->folder.mark_fd = -1;
    clock_start();
    crypto_start();
    fold_start();
    db_start();
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);     /* a file that may not grow is a full disk */
    log_set_level(LOG_ERROR + 1); /* what is wrong is the command's answer, not a record */
    arena_init(&road->arena, MIB(64));
}

bool road_look(struct road *road, const struct command *command, const char *data)
{
    start(road, command);
    if (datafolder_look(&road->folder, data, &road->holder, &road->failure, &road->arena) != ST_OK)
        return false;
    if (road->holder != 0)
        connect_to(road);
    return true;
}

bool road_open(struct road *road, const struct command *command, const char *data)
{
    uint64_t until = clock_monotonic() + ROAD_PATIENCE * SECOND;

    start(road, command);
    while (find(road, data)) {
        const struct timespec pause = { .tv_nsec = AGAIN_MS * 1000000 };

        if (road->holder == 0 || road->fd >= 0)
            return true;
        if (clock_monotonic() > until) {
            fprintf(stderr,
                    "foyer %s: %s is in use by process %lld, which does not listen on %s/control: "
                    "wait until it is done, or look what it is.\n",
                    command->name, road->folder.path, (long long)road->holder, road->folder.path);
            return false;
        }
        datafolder_close(&road->folder);
        nanosleep(&pause, NULL);
    }
    return false;
}

/* False: said. holder without fd: somebody has it, and does not listen yet. */
static bool find(struct road *road, const char *data)
{
    failure_clear(&road->failure);
    if (datafolder_look(&road->folder, data, &road->holder, &road->failure, &road->arena) !=
        ST_OK) {
        command_failed(road->command, &road->failure);
        return false;
    }
    return road->holder == 0 || connect_to(road);
}

static bool connect_to(struct road *road)
{
    struct sockaddr_un address;
    int folder_fd = -1, cause;

    road->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (road->fd >= 0 && control_address(road->folder.path, &address, &folder_fd) &&
        connect(road->fd, (const struct sockaddr *)&address, sizeof(address)) == 0) {
        if (folder_fd >= 0)
            close(folder_fd);
        return is_own(road);
    }
    cause = errno;
    if (folder_fd >= 0)
        close(folder_fd);
    if (road->fd >= 0)
        close(road->fd);
    road->fd = -1;
    if (cause == ENOENT || cause == ECONNREFUSED || cause == EAGAIN)
        return true;
    fprintf(stderr, "foyer %s: %s/control: %s; run the command as the user of the server.\n",
            road->command->name, road->folder.path, strerror(cause));
    return false;
}

/* Whoever listens there must be whom the folder belongs to: a secret is told to no other. */
static bool is_own(struct road *road)
{
    socklen_t len = sizeof(struct ucred);
    struct ucred peer = { 0 };

    if (getsockopt(road->fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 && peer.uid == geteuid())
        return true;
    fprintf(stderr,
            "foyer %s: the server on %s (process %lld) belongs to user %lld, and this is user "
            "%lld: run the command as that one (sudo -u '#%lld' foyer …).\n",
            road->command->name, road->folder.path, (long long)road->holder, (long long)peer.uid,
            (long long)geteuid(), (long long)peer.uid);
    close(road->fd);
    road->fd = -1;
    return false;
}

void road_close(struct road *road)
{
    if (road->fd >= 0)
        close(road->fd);
    datafolder_close(&road->folder);
    arena_fini(&road->arena);
}

bool road_ask(struct road *road, const char *name, struct str given, bool as_json, struct buf *out,
              void (*progress)(struct str line))
{
    struct buf question;
    bool is_done;

    PRE(road->fd >= 0);
    buf_init(&question, LIMIT_JSON_BODY);
    buf_printf(&question, "{\"version\":%d,\"command\":\"%s\",\"text\":%s,\"given\":%.*s}",
               CONTROL_VERSION, name, as_json ? "false" : "true", STR_ARG(given));
    if (question.overflowed) {
        fprintf(stderr, "foyer %s: what was given is too long.\n", road->command->name);
        is_done = false;
    } else {
        is_done = send_question(road, buf_view(&question)) && take_answer(road, out, progress);
    }
    buf_fini(&question);
    return is_done;
}

static bool send_question(struct road *road, struct str question)
{
    uint8_t head[CONTROL_HEAD];
    struct buf all;
    size_t done = 0;

    buf_init(&all, LIMIT_JSON_BODY + KIB(1));
    bytes_put_u32(head, (uint32_t)question.len);
    head[4] = FRAME_ASK;
    buf_put(&all, head, sizeof(head));
    buf_str(&all, question);
    while (done < all.len && wait_for(road, POLLOUT)) {
        ssize_t sent = send(road->fd, all.at + done, all.len - done, MSG_NOSIGNAL);

        if (sent < 0 && errno != EINTR && errno != EAGAIN)
            break; /* what it said before it closed is read */
        done += sent > 0 ? (size_t)sent : 0;
    }
    buf_fini(&all);
    return true;
}

static bool take_answer(struct road *road, struct buf *out, void (*progress)(struct str line))
{
    uint8_t head[CONTROL_HEAD];
    struct buf content;
    bool is_done = false;
    char *at;

    buf_init(&content, LIMIT_REPLY_BODY + KIB(64));
    while (take(road, head, sizeof(head))) {
        uint32_t len = bytes_get_u32(head);

        buf_clear(&content);
        at = buf_reserve(&content, len + 1);
        if (!at) {
            say_failed(road, STR("the answer of the server is too long: ask for less."));
            break;
        }
        if (!take(road, at, len))
            break;
        buf_took(&content, len);
        if (head[4] == FRAME_PROGRESS) {
            if (progress)
                progress(buf_view(&content));
            continue;
        }
        road->is_bad = head[4] == FRAME_BAD;
        is_done = head[4] == FRAME_OUTPUT || road->is_bad;
        if (is_done)
            buf_str(out, buf_view(&content));
        else
            say_failed(road, buf_view(&content));
        break;
    }
    buf_fini(&content);
    return is_done;
}

/* False: said. */
static bool take(struct road *road, void *at, size_t len)
{
    size_t done = 0;

    while (done < len) {
        ssize_t got;

        if (!wait_for(road, POLLIN))
            return false;
        got = recv(road->fd, (char *)at + done, len - done, 0);
        if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN)) {
            fprintf(
                stderr,
                "foyer %s: the server (process %lld) ended before it answered: look at its log, "
                "start it again, and look what was done.\n",
                road->command->name, (long long)road->holder);
            return false;
        }
        done += got > 0 ? (size_t)got : 0;
    }
    return true;
}

static bool wait_for(struct road *road, short what)
{
    struct pollfd poll_fd = { .fd = road->fd, .events = what };
    uint64_t until = clock_monotonic() + (uint64_t)road->patience * SECOND, now;

    while ((now = clock_monotonic()) < until) {
        int ready = poll(&poll_fd, 1, (int)((until - now) / 1000000) + 1);

        if (ready > 0)
            return true;
        if (ready < 0 && errno != EINTR)
            break;
    }
    return hangs(road);
}

static bool hangs(const struct road *road)
{
    fprintf(
        stderr,
        "foyer %s: the server (process %lld) does not answer for %d s: it hangs, or is stopped. "
        "Look at its log and its load; what was asked may still be done.\n",
        road->command->name, (long long)road->holder, road->patience);
    return false;
}

static void say_failed(const struct road *road, struct str lines)
{
    struct str line;

    while (!str_is_empty(lines) && str_cut(&lines, '\n', &line))
        command_say(road->command, line);
}

int road_run(const struct command *command, const char *data, struct str given, bool as_json)
{
    struct road road;
    struct buf out;
    bool is_done;

    buf_init(&out, LIMIT_REPLY_BODY);
    is_done = road_open(&road, command, data) &&
              (road.fd >= 0 ? road_ask(&road, command->name, given, as_json, &out, NULL)
                            : road_here(&road, given, as_json, &out));
    command_print(buf_view(&out));
    crypto_wipe(out.at, out.len);
    buf_fini(&out);
    road_close(&road);
    return is_done && command_done(command) == EXIT_DONE && !road.is_bad ? EXIT_DONE : EXIT_FAILED;
}

void given_put(struct buf *given, const char *name, const char *value)
{
    if (!value)
        return;
    buf_printf(given, "%c\"%s\":", given->len ? ',' : '{', name);
    buf_json(given, str_from(value));
}

struct str given_end(struct buf *given)
{
    buf_text(given, given->len ? "}" : "{}");
    return buf_view(given);
}
