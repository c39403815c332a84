/* Control: the socket, its connections, and their frames. What is asked is control_run.c's. */
#include "exec/control_inside.h"

#include "base/bytes.h"
#include "base/check.h"
#include "base/limits.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BACKLOG = 64, TICK_MS = 500, ASKINGS_MAX = 32 };

struct control {
    struct server *server;
    uv_pipe_t listener;
    bool is_listening, has_backup, is_draining;
    struct asking *askings;
    size_t count;
};

struct frame {
    uv_write_t write;
    struct asking *asking;
    struct buf bytes;
    bool is_last;
};

static int bind_socket(const char *folder);
static void on_connection(uv_stream_t *listener, int status);
static bool is_owner(uv_pipe_t *pipe);
static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *room);
static void on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *room);
static void take_question(struct asking *asking);
static void on_tick(uv_timer_t *timer);
static void on_written(uv_write_t *write, int status);
static void peer_left(struct asking *asking);
static void close_asking(struct asking *asking);
static void on_closed(uv_handle_t *handle);
static void remove_socket(const struct control *control);

void control_open(struct server *server)
{
    struct control *control = xcalloc(1, sizeof(*control));
    int fd = bind_socket(server->folder.path), error = -errno;

    server->control = control;
    control->server = server;
    if (fd >= 0) {
        NEVER(uv_pipe_init(&server->loops[0].uv, &control->listener, 0) != 0);
        control->listener.data = control;
        control->is_listening = true;
        error = uv_pipe_open(&control->listener, fd);
        if (error != 0)
            close(fd);
        else
            error = uv_listen((uv_stream_t *)&control->listener, BACKLOG, on_connection);
    }
    /* The server does its work without; commands say that it does not answer. */
    if (fd < 0 || error != 0)
        log_error(STR_NONE, "no control socket: commands cannot reach this server",
                  LOG_C("folder", server->folder.path), LOG_C("reason", uv_strerror(error)));
}

/* What lies there is a dead server's: we hold the folder's lock. */
static int bind_socket(const char *folder)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), folder_fd = -1, error;
    struct sockaddr_un address;

    if (fd < 0)
        return -1;
    if (control_address(folder, &address, &folder_fd)) {
        unlink(address.sun_path);
        /* of the socket before it has a name, so that nobody comes between */
        if (fchmod(fd, 0600) == 0 &&
            bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
            chmod(address.sun_path, 0600) == 0) {
            if (folder_fd >= 0)
                close(folder_fd);
            return fd;
        }
    }
    error = errno;
    if (folder_fd >= 0)
        close(folder_fd);
    close(fd);
    errno = error;
    return -1;
}

void control_drain(struct control *control)
{
    struct asking *asking, *next;

    if (!control || control->is_draining)
        return;
    control->is_draining = true;
    if (control->is_listening) {
        remove_socket(control);
        uv_close((uv_handle_t *)&control->listener, NULL);
    }
    for (asking = control->askings; asking; asking = next) {
        next = asking->next;
        atomic_store(&asking->is_given_up, true);
        if (!asking->job && !asking->is_answered)
            close_asking(asking);
    }
}

void control_free(struct control *control)
{
    if (!control)
        return;
    PRE(!control->askings);
    free(control);
}

struct server *control_server(struct control *control)
{
    return control->server;
}

bool control_take_backup(struct control *control)
{
    bool is_free = !control->has_backup;

    control->has_backup = true;
    return is_free;
}

void control_give_backup(struct control *control)
{
    control->has_backup = false;
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct control *control = listener->data;
    uv_loop_t *uv = &control->server->loops[0].uv;
    struct asking *asking;

    if (status < 0)
        return;
    asking = xcalloc(1, sizeof(*asking));
    asking->control = control;
    NEVER(uv_pipe_init(uv, &asking->pipe, 0) != 0 || uv_timer_init(uv, &asking->timer) != 0);
    asking->pipe.data = asking->timer.data = asking;
    asking->handles = 2;
    buf_init(&asking->in, LIMIT_JSON_BODY + KIB(8)); /* with its head, and room to read into */
    asking->next = control->askings;
    control->askings = asking;
    control->count++;
    if (uv_accept(listener, (uv_stream_t *)&asking->pipe) != 0) {
        close_asking(asking);
        return;
    }
    uv_timer_start(&asking->timer, on_tick, LIMIT_HEADER_SECONDS * 1000, TICK_MS);
    asking->is_unread = true;
    if (!is_owner(&asking->pipe))
        asking_send(asking, FRAME_FAILED,
                    STR("this server belongs to another user: run the command as that one."));
    else if (control->count > ASKINGS_MAX)
        asking_send(asking, FRAME_FAILED,
                    STR("too many commands wait for this server: try again in a moment."));
    if (uv_read_start((uv_stream_t *)&asking->pipe, on_room, on_read) != 0)
        close_asking(asking);
}

static bool is_owner(uv_pipe_t *pipe)
{
    socklen_t len = sizeof(struct ucred);
    struct ucred peer;
    uv_os_fd_t fd;

    return uv_fileno((const uv_handle_t *)pipe, &fd) == 0 &&
           getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 && peer.uid == geteuid();
}

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *room)
{
    struct asking *asking = handle->data;
    static char nowhere[256];
    char *at = NULL;

    (void)suggested;
    if (!asking->is_answered && !asking->job)
        at = buf_reserve(&asking->in, KIB(4));
    *room = at ? uv_buf_init(at, KIB(4)) : uv_buf_init(nowhere, sizeof(nowhere));
}

static void on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *room)
{
    struct asking *asking = stream->data;

    if (len < 0) {
        peer_left(asking);
        return;
    }
    if (len == 0 || asking->is_answered || asking->job) /* nobody waits for more */
        return;
    if (room->len != KIB(4)) {
        asking_send(asking, FRAME_FAILED, STR("the question is longer than 1 MiB."));
        return;
    }
    asking->is_unread = false;
    buf_took(&asking->in, (size_t)len);
    take_question(asking);
}

static void take_question(struct asking *asking)
{
    const char *at = asking->in.at;
    uint32_t len;

    if (asking->in.len < CONTROL_HEAD)
        return;
    len = bytes_get_u32((const uint8_t *)at);
    if (at[4] != FRAME_ASK || len > LIMIT_JSON_BODY) {
        asking_send(asking, FRAME_FAILED, STR("this is no question that a command asks."));
        return;
    }
    if (asking->in.len < CONTROL_HEAD + (size_t)len)
        return;
    uv_timer_start(&asking->timer, on_tick, TICK_MS, TICK_MS);
    asking_run(asking, str_slice(at + CONTROL_HEAD, len));
}

/* While something is done: how far it is. Before and after, a peer that does not move is let go. */
static void on_tick(uv_timer_t *timer)
{
    struct asking *asking = timer->data;

    if (asking->job)
        asking_progress(asking);
    else
        close_asking(asking);
}

void asking_send(struct asking *asking, enum control_frame kind, struct str content)
{
    struct frame *frame;
    uint8_t head[CONTROL_HEAD];
    uv_buf_t all;

    if (asking->is_answered)
        return;
    asking->is_answered = kind != FRAME_PROGRESS;
    if (asking->is_gone) {
        if (asking->is_answered)
            close_asking(asking);
        return;
    }
    frame = xcalloc(1, sizeof(*frame));
    frame->asking = asking;
    frame->is_last = asking->is_answered;
    buf_init(&frame->bytes, LIMIT_REPLY_BODY + KIB(64));
    bytes_put_u32(head, (uint32_t)content.len);
    head[4] = (uint8_t)kind;
    buf_put(&frame->bytes, head, sizeof(head));
    buf_str(&frame->bytes, content);
    all = uv_buf_init(frame->bytes.at, (unsigned)frame->bytes.len);
    if (frame->is_last)
        uv_timer_start(&asking->timer, on_tick, LIMIT_WRITE_STALL_SECONDS * 1000, 0);
    if (uv_write(&frame->write, (uv_stream_t *)&asking->pipe, &all, 1, on_written) == 0)
        return;
    buf_fini(&frame->bytes);
    free(frame);
    close_asking(asking);
}

static void on_written(uv_write_t *write, int status)
{
    struct frame *frame = (struct frame *)(void *)write;
    struct asking *asking = frame->asking;

    if (status < 0)
        peer_left(asking);
    else if (frame->is_last && asking->is_unread)
        uv_timer_start(&asking->timer, on_tick, LIMIT_LINGER_SECONDS * 1000, 0);
    else if (frame->is_last)
        close_asking(asking);
    buf_fini(&frame->bytes);
    free(frame);
}

/* What has begun is done all the same, but for a backup, which nobody wants any more. */
static void peer_left(struct asking *asking)
{
    asking->is_gone = true;
    atomic_store(&asking->is_given_up, true);
    if (asking->job && !uv_is_closing((uv_handle_t *)&asking->pipe))
        uv_read_stop((uv_stream_t *)&asking->pipe);
    else
        close_asking(asking);
}

/* Takes one that is closing. */
static void close_asking(struct asking *asking)
{
    if (uv_is_closing((uv_handle_t *)&asking->pipe))
        return;
    uv_close((uv_handle_t *)&asking->pipe, on_closed);
    uv_close((uv_handle_t *)&asking->timer, on_closed);
}

static void on_closed(uv_handle_t *handle)
{
    struct asking *asking = handle->data;
    struct control *control = asking->control;
    struct asking **at = &control->askings;

    if (--asking->handles > 0)
        return;
    while (*at != asking)
        at = &(*at)->next;
    *at = asking->next;
    control->count--;
    buf_fini(&asking->in);
    free(asking);
}

static void remove_socket(const struct control *control)
{
    struct sockaddr_un address;
    int fd = -1;

    if (control_address(control->server->folder.path, &address, &fd))
        unlink(address.sun_path);
    if (fd >= 0)
        close(fd);
}

bool control_address(const char *folder, struct sockaddr_un *address, int *fd)
{
    int len;

    *fd = -1;
    memset(address, 0, sizeof(*address));
    address->sun_family = AF_UNIX;
    len = snprintf(address->sun_path, sizeof(address->sun_path), "%s/control", folder);
    if (len < (int)sizeof(address->sun_path))
        return true;
    *fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (*fd < 0)
        return false;
    snprintf(address->sun_path, sizeof(address->sun_path), "/proc/self/fd/%d/control", *fd);
    return true;
}
