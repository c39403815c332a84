/* A whole server with sockets: what becomes of a read whose client goes, and of a drain meanwhile. */
#include "base/clock.h"
#include "exec/reader.h"
#include "exec_client.h"
#include "exec_notes.h"
#include "exec_walks.h"
#include "harness.h"
#include "lua/engine.h"
#include "net/net.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PATIENCE_SECONDS = 40 };

/* The server runs on the test's thread, its client on another. */
struct talk {
    struct exec_client client;
    struct net *net;
    void (*run)(struct talk *talk);
    char answer[4096];
};

static const struct loop_calls *calls_of_net;
static struct talk *talking;

static void speak(void *arg)
{
    struct talk *talk = arg;

    talk->run(talk);
    server_drain(&talk->client.server);
}

static void on_ready(void *context)
{
    static struct thread thread;

    (void)context;
    calls_of_net->on_ready(calls_of_net->context);
    CHECK_INT(thread_start(&thread, "client", speak, talking), ST_OK);
    pthread_detach(thread.handle);
}

/* Opens a server with the routes of exec_notes, runs `run` beside it, drains, and gives the exit code. */
static int talk_to(struct talk *talk, void (*run)(struct talk *talk))
{
    const struct server_options options = { &talk->client.config, &lua_runtime, exec_note_tables };
    struct failure failure = { 0 };
    struct loop_calls calls;
    int code;

    memset(talk, 0, sizeof(*talk));
    exec_client_open(&talk->client);
    talk->client.config.listen = "127.0.0.1:0";
    talk->client.config.readers = 1;
    talk->client.config.loops = 2;
    talk->run = run;
    talking = talk;
    CHECK_INT(server_open(&talk->client.server, &options, &failure, &talk->client.arena), ST_OK);
    CHECK_INT(net_open(&talk->net, &talk->client.server, &talk->client.arena, &failure), ST_OK);
    calls_of_net = net_calls(talk->net);
    calls = *calls_of_net;
    calls.on_ready = on_ready;
    code = server_run(&talk->client.server, &calls);
    server_close(&talk->client.server);
    net_close(talk->net);
    return code;
}

/* A connection on which a GET has been sent. */
static int ask(struct talk *talk, const char *target)
{
    const struct timeval patience = { .tv_sec = PATIENCE_SECONDS };
    struct sockaddr_in address = { .sin_family = AF_INET };
    int fd = socket(AF_INET, SOCK_STREAM, 0), port;
    char text[512], host[64];

    CHECK_INT(sscanf(talk->client.server.base_url, "http://%63[^:]:%d", host, &port), 2);
    address.sin_port = htons((uint16_t)port);
    CHECK_INT(inet_pton(AF_INET, host, &address.sin_addr), 1);
    CHECK_INT(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\nHost: %s:%d\r\nX-API-Key: %s\r\n\r\n", target,
             host, port, talk->client.key);
    CHECK_INT(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
    return fd;
}

/* All that comes until the server closes; what takes longer than PATIENCE_SECONDS fails. */
static const char *read_to_the_end(struct talk *talk, int fd)
{
    size_t len = 0;
    ssize_t got;

    while ((got = recv(fd, talk->answer + len, sizeof(talk->answer) - 1 - len, 0)) > 0)
        len += (size_t)got;
    CHECK_INT(got, 0);
    talk->answer[len] = '\0';
    close(fd);
    return talk->answer;
}

/* Until reads have begun, or that many were abandoned. */
static void wait_for(struct talk *talk, int walks, uint64_t abandoned)
{
    struct reader_figures figures = { 0 };
    int tries;

    for (tries = 0; tries < PATIENCE_SECONDS * 100; tries++) {
        readers_figures(talk->client.server.readers, &figures);
        if (exec_walks_begun() >= walks && figures.abandoned >= abandoned)
            return;
        usleep(10000);
    }
    harness_failed(__FILE__, __LINE__, "%d reads begun, %llu abandoned", exec_walks_begun(),
                   (unsigned long long)figures.abandoned);
}

static void reset_two(struct talk *talk)
{
    const struct linger at_once = { .l_onoff = 1 };
    int running = ask(talk, "/v1/export?steps=2147483647"), waiting;

    wait_for(talk, 1, 0);
    waiting = ask(talk, "/v1/export?steps=2147483647");
    setsockopt(waiting, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    setsockopt(running, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    close(waiting);
    close(running);
    wait_for(talk, 1, 1);
    running = ask(talk, "/v1/export?steps=4");
    shutdown(running, SHUT_WR); /* who sends no more still gets what is soon done */
    CHECK(strstr(read_to_the_end(talk, running), "{\"on\":\"reader\",\"sum\":10}"));
}

TEST(a_connection_that_is_reset_stops_its_read)
{
    struct talk talk;

    CHECK_INT(talk_to(&talk, reset_two), 0);
    exec_client_close(&talk.client);
}

static void shut_down(struct talk *talk)
{
    int fd = ask(talk, "/v1/export?steps=2147483647");

    wait_for(talk, 1, 0);
    shutdown(fd, SHUT_WR); /* as close() looks from the other side */
    wait_for(talk, 1, 1);
    CHECK(strstr(read_to_the_end(talk, fd), "\"code\":\"abandoned\""));
}

TEST(a_long_read_is_not_made_for_who_sends_no_more)
{
    struct talk talk;

    CHECK_INT(talk_to(&talk, shut_down), 0);
    exec_client_close(&talk.client);
}

static int asked_before_the_drain;

static void ask_and_leave(struct talk *talk)
{
    asked_before_the_drain = ask(talk, "/v1/export?steps=2147483647");
    wait_for(talk, 1, 0);
}

TEST(a_drain_waits_for_a_read_no_longer_than_a_read_may_take)
{
    struct talk talk;

    setenv("FOYER_TEST_TIMEOUTS", "20", 1);
    CHECK_INT(talk_to(&talk, ask_and_leave), 0);
    read_to_the_end(&talk, asked_before_the_drain);
    CHECK(strstr(talk.answer, "\"code\":\"too_slow\""));
    CHECK(strstr(talk.answer, "Connection: close"));
    exec_client_close(&talk.client);
}

static void be_idle(struct talk *talk)
{
    int fd = ask(talk, "/v1/held");

    wait_for(talk, 1, 0);
    usleep(100000); /* the loop has nothing to look at meanwhile */
    exec_walks_release();
    CHECK(strstr(read_to_the_end(talk, fd), "200 OK"));
}

TEST(a_connection_that_is_idle_after_a_long_read_is_closed)
{
    struct talk talk;

    setenv("FOYER_TEST_TIMEOUTS", "20", 1);
    CHECK_INT(talk_to(&talk, be_idle), 0);
    exec_client_close(&talk.client);
}
