/* Bare: opens a copy of a data folder of Foyer's and serves it.
 *
 *   bare --data DIR --port 0 --group-commit | --commit-each
 *   bare --data DIR --print-sample ID        the JSON of one client, to compare with Foyer's bytes
 */
#include "bare.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

static const struct option options[] = {
    { "data", required_argument, NULL, 'd' },
    { "port", required_argument, NULL, 'p' },
    { "group-commit", no_argument, NULL, 'g' },
    { "commit-each", no_argument, NULL, 'e' },
    { NULL, 0, NULL, 0 },
};

static int serve(const char *data, int port, bool group);
static int listen_at(uv_tcp_t *listener, int port);
static void on_second(uv_timer_t *timer);
static void on_signal(uv_signal_t *signal, int number);

int main(int argc, char **argv)
{
    const char *data = NULL;
    bool group = true;
    int option, port = 0;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 'd':
            data = optarg;
            break;
        case 'p':
            port = (int)strtol(optarg, NULL, 10);
            break;
        case 'g':
            group = true;
            break;
        case 'e':
            group = false;
            break;
        default:
            return 2;
        }
    }
    if (!data) {
        fprintf(stderr, "bare: --data DIR is needed, a folder that `foyer init` made\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    return serve(data, port, group);
}

static int serve(const char *data, int port, bool group)
{
    struct bare bare = { .loop = uv_default_loop() };
    struct rlimit files;
    uv_tcp_t listener;
    uv_timer_t timer;
    uv_signal_t term;

    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max; /* a connection is one */
    setrlimit(RLIMIT_NOFILE, &files);
    bare.rows = rows_open(data, false);
    bare.rule = rule_new();
    snprintf(bare.id_prefix, sizeof(bare.id_prefix), "%08x-", (unsigned)time(NULL));
    bare.writer = writer_start(&bare, data, group);
    timer.data = &bare;
    listener.data = &bare;
    uv_timer_init(bare.loop, &timer);
    uv_timer_start(&timer, on_second, 0, 1000);
    on_second(&timer);
    uv_signal_init(bare.loop, &term);
    uv_signal_start(&term, on_signal, SIGTERM);
    uv_tcp_init(bare.loop, &listener);
    port = listen_at(&listener, port);
    if (!port)
        return 1;
    printf("listening on http://127.0.0.1:%d\n", port);
    fflush(stdout);
    uv_run(bare.loop, UV_RUN_DEFAULT);
    writer_stop(bare.writer);
    rule_free(bare.rule);
    rows_close(bare.rows);
    return 0;
}

/* Gives the port; 0: it failed. */
static int listen_at(uv_tcp_t *listener, int port)
{
    struct sockaddr_in address;
    int len = sizeof(address), result;

    uv_ip4_addr("127.0.0.1", port, &address);
    result = uv_tcp_bind(listener, (const struct sockaddr *)&address, 0);
    if (!result)
        result = uv_listen((uv_stream_t *)listener, 1024, conn_accept);
    if (result) {
        fprintf(stderr, "bare: port %d: %s\n", port, uv_strerror(result));
        return 0;
    }
    uv_tcp_getsockname(listener, (struct sockaddr *)&address, &len);
    return ntohs(address.sin_port);
}

static void on_second(uv_timer_t *timer)
{
    struct bare *bare = timer->data;
    time_t now = time(NULL);
    struct tm at;

    strftime(bare->date, sizeof(bare->date), "Date: %a, %d %b %Y %H:%M:%S GMT\r\n",
             gmtime_r(&now, &at));
}

static void on_signal(uv_signal_t *signal, int number)
{
    (void)number;
    uv_stop(signal->loop);
}
