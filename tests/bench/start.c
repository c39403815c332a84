/* Start: how long a server takes from exec to its first answer, and what it holds when idle.
 *
 *   start --key K --target /v1/clients/ID --idle 1 -- PROGRAM ARG…
 *
 * The program says "listening on http://ADDR:PORT" on stdout. Prints one line of JSON: micros to that
 * line and to the first whole answer, memory in KiB and threads after `idle` seconds, micros that it
 * took to end after SIGTERM.
 */
#include "meter.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static const struct option options[] = {
    { "key", required_argument, NULL, 'k' },
    { "target", required_argument, NULL, 't' },
    { "idle", required_argument, NULL, 'i' },
    { NULL, 0, NULL, 0 },
};

static pid_t start(char *const *command, int *out);
static int read_port(int out);
static bool ask(int port, const char *target, const char *key);
static void print_memory(pid_t pid);
static long field_of(pid_t pid, const char *file, const char *name);
static double micros_since(uint64_t from);

int main(int argc, char **argv)
{
    const char *key = "", *target = "/";
    double idle = 1, listening, answered;
    uint64_t began;
    int option, out, port, status;
    pid_t pid;

    while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1) {
        if (option == 'k')
            key = optarg;
        else if (option == 't')
            target = optarg;
        else if (option == 'i')
            idle = strtod(optarg, NULL);
        else
            return 2;
    }
    if (optind == argc) {
        fprintf(stderr, "start: a program is needed behind --\n");
        return 2;
    }
    began = meter_now();
    pid = start(argv + optind, &out);
    if (pid < 0)
        return 1;
    port = read_port(out);
    listening = micros_since(began);
    if (!port || !ask(port, target, key)) {
        fprintf(stderr, "start: %s did not serve %s\n", argv[optind], target);
        kill(pid, SIGKILL);
        return 1;
    }
    answered = micros_since(began);
    nanosleep(&(struct timespec){ (time_t)idle, (long)((idle - (double)(time_t)idle) * 1e9) },
              NULL);
    printf("{\"listening\":%.0f,\"answered\":%.0f", listening, answered);
    print_memory(pid);
    began = meter_now();
    kill(pid, SIGTERM);
    waitpid(pid, &status, 0);
    printf(",\"ended\":%.0f,\"code\":%d}\n", micros_since(began),
           WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status));
    return 0;
}

static pid_t start(char *const *command, int *out)
{
    posix_spawn_file_actions_t actions;
    int ends[2], error;
    pid_t pid;

    if (pipe2(ends, O_CLOEXEC))
        return -1;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    error = posix_spawnp(&pid, command[0], &actions, NULL, command, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    *out = ends[0];
    if (error)
        fprintf(stderr, "start: %s: %s\n", command[0], strerror(error));
    return error ? -1 : pid;
}

/* 0: the program ended, or said something else for too long. */
static int read_port(int out)
{
    char text[4096];
    size_t len = 0;
    ssize_t count;
    const char *line;

    while (len < sizeof(text) - 1 && (count = read(out, text + len, sizeof(text) - 1 - len)) > 0) {
        len += (size_t)count;
        text[len] = 0;
        line = strstr(text, "listening on http://");
        if (line && strchr(line, '\n'))
            return (int)strtol(strchr(line + 20, ':') + 1, NULL, 10);
    }
    return 0;
}

static bool ask(int port, const char *target, const char *key)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    char text[65536];
    int len, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool is_well;

    address.sin_port = htons((uint16_t)port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    len = snprintf(text, sizeof(text),
                   "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nX-API-Key: %s\r\n\r\n", target, port,
                   key);
    is_well = connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
              write(fd, text, (size_t)len) == len && read(fd, text, sizeof(text)) > 12 &&
              memcmp(text + 9, "200", 3) == 0;
    close(fd);
    return is_well;
}

static void print_memory(pid_t pid)
{
    printf(",\"rss\":%ld,\"private\":%ld,\"threads\":%ld", field_of(pid, "smaps_rollup", "Rss:"),
           field_of(pid, "smaps_rollup", "Private_Clean:") +
               field_of(pid, "smaps_rollup", "Private_Dirty:"),
           field_of(pid, "status", "Threads:"));
}

static long field_of(pid_t pid, const char *file, const char *name)
{
    char path[64], line[256];
    long value = 0;
    FILE *stream;

    snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
    stream = fopen(path, "re");
    while (stream && fgets(line, sizeof(line), stream))
        if (strncmp(line, name, strlen(name)) == 0)
            value = strtol(line + strlen(name), NULL, 10);
    if (stream)
        fclose(stream);
    return value;
}

static double micros_since(uint64_t from)
{
    return (double)(meter_now() - from) / 1e3;
}
