/* Load: sends requests as fast as answers come, and prints one line of JSON with what it saw.
 *
 *   load --port P --key K --target /v1/clients/{} --fill ids.txt --connections 64 --seconds 3
 *   load --port P --key K --target /v1/clients --create SEED --count 100000
 *   load --port P --key K --target /v1/clients/ID --once        prints the answer as it came
 */
#include "load.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct option options[] = {
    { "port", required_argument, NULL, 'p' },
    { "key", required_argument, NULL, 'k' },
    { "target", required_argument, NULL, 't' },
    { "fill", required_argument, NULL, 'f' },
    { "create", required_argument, NULL, 'c' },
    { "connections", required_argument, NULL, 'n' },
    { "warm-up", required_argument, NULL, 'w' },
    { "seconds", required_argument, NULL, 's' },
    { "count", required_argument, NULL, 'r' },
    { "server", required_argument, NULL, 'P' },
    { "idle", required_argument, NULL, 'i' },
    { "once", no_argument, NULL, 'o' },
    { NULL, 0, NULL, 0 },
};

static bool plan_read(int argc, char **argv, struct load_plan *plan, bool *once);
static bool fill_read(const char *path, struct load_plan *plan);
static void result_print(struct load_result *result);
static int by_value(const void *a, const void *b);

int main(int argc, char **argv)
{
    struct load_plan plan = { .key = "", .target = "/", .connections = 1, .seconds = 1 };
    struct load_result result = { 0 };
    bool once = false;

    signal(SIGPIPE, SIG_IGN);
    if (!plan_read(argc, argv, &plan, &once))
        return 2;
    if (once)
        return load_once(&plan) ? 0 : 1;
    if (!load_run(&plan, &result))
        return 1;
    result_print(&result);
    return 0;
}

static bool plan_read(int argc, char **argv, struct load_plan *plan, bool *once)
{
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 'p':
            plan->port = (int)strtol(optarg, NULL, 10);
            break;
        case 'k':
            plan->key = optarg;
            break;
        case 't':
            plan->target = optarg;
            break;
        case 'c':
            plan->create_seed = (uint32_t)strtoul(optarg, NULL, 10);
            break;
        case 'n':
            plan->connections = strtoul(optarg, NULL, 10);
            break;
        case 'i':
            plan->idle = strtoul(optarg, NULL, 10);
            break;
        case 'w':
            plan->warm_up = strtod(optarg, NULL);
            break;
        case 's':
            plan->seconds = strtod(optarg, NULL);
            break;
        case 'r':
            plan->count = strtoul(optarg, NULL, 10);
            break;
        case 'P':
            plan->server = (pid_t)strtol(optarg, NULL, 10);
            break;
        case 'o':
            *once = true;
            break;
        case 'f':
            if (!fill_read(optarg, plan))
                return false;
            break;
        default:
            return false;
        }
    }
    if (plan->port <= 0 || !plan->connections ||
        (strstr(plan->target, "{}") && !plan->fill_count)) {
        fprintf(stderr, "load: --port, --target, and --fill where the target has {} are needed\n");
        return false;
    }
    return true;
}

static bool fill_read(const char *path, struct load_plan *plan)
{
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t cap = 0;
    ssize_t len;

    if (!file) {
        perror(path);
        return false;
    }
    while ((len = getline(&line, &cap, file)) > 0) {
        line[strcspn(line, "\n")] = 0;
        plan->fill = realloc(plan->fill, (plan->fill_count + 1) * sizeof(char *));
        plan->fill[plan->fill_count++] = strdup(line);
    }
    free(line);
    fclose(file);
    return plan->fill_count > 0;
}

static void result_print(struct load_result *result)
{
    const struct usage *usage = &result->usage;
    size_t count = result->requests;
    uint32_t *micros = result->micros;

    qsort(micros, count, sizeof(*micros), by_value);
    printf("{\"sent\":%zu,\"requests\":%zu,\"refused\":%zu,\"bytes\":%llu,\"seconds\":%.6f,"
           "\"server\":%.6f,\"load\":%.6f,\"kernel\":%.6f,\"foreign\":%.6f,\"steal\":%.6f,"
           "\"idleKib\":%.0f,\"p50\":%u,\"p99\":%u,\"max\":%u}\n",
           result->sent, count, result->refused, (unsigned long long)result->bytes, usage->seconds,
           usage->server, usage->load, usage->kernel, usage->foreign, usage->steal,
           result->idle_kib, count ? micros[count / 2] : 0,
           count ? micros[count - 1 - count / 100] : 0, count ? micros[count - 1] : 0);
    free(micros);
}

static int by_value(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

    return (left > right) - (left < right);
}
