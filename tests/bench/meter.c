/* Meter: reads CPU clocks and /proc; what the figures mean stands in meter.h. */
#include "meter.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static uint64_t clock_read(clockid_t clock);
static bool process_cpu(pid_t pid, uint64_t *cpu);
static bool machine_read(struct meter *meter);
static uint64_t kernel_threads_cpu(void);
static bool is_kernel_thread(const char *pid);
static uint64_t scheduled(const char *pid);

uint64_t meter_now(void)
{
    return clock_read(CLOCK_MONOTONIC);
}

bool meter_read(struct meter *meter, pid_t server)
{
    memset(meter, 0, sizeof(*meter));
    if (server > 0 && !process_cpu(server, &meter->server))
        return false;
    meter->load = clock_read(CLOCK_PROCESS_CPUTIME_ID);
    meter->kernel = kernel_threads_cpu();
    meter->wall = meter_now();
    return machine_read(meter);
}

void meter_between(const struct meter *from, const struct meter *to, struct usage *usage)
{
    double cores = (double)sysconf(_SC_NPROCESSORS_ONLN);
    double wall = (double)(to->wall - from->wall);
    double busy = cores - (double)(to->idle - from->idle) / wall;

    usage->seconds = wall / 1e9;
    usage->server = (double)(to->server - from->server) / wall;
    usage->load = (double)(to->load - from->load) / wall;
    usage->kernel = (double)(to->kernel - from->kernel) / wall;
    usage->steal = (double)(to->steal - from->steal) / wall;
    usage->foreign = busy - usage->server - usage->load - usage->kernel - usage->steal;
    if (usage->foreign < 0) /* ticks of 10 ms against exact clocks */
        usage->foreign = 0;
}

static uint64_t clock_read(clockid_t clock)
{
    struct timespec at;

    clock_gettime(clock, &at);
    return (uint64_t)at.tv_sec * 1000000000u + (uint64_t)at.tv_nsec;
}

static bool process_cpu(pid_t pid, uint64_t *cpu)
{
    clockid_t clock;
    struct timespec at;

    if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &at))
        return false;
    *cpu = (uint64_t)at.tv_sec * 1000000000u + (uint64_t)at.tv_nsec;
    return true;
}

/* First line of /proc/stat: user nice system idle iowait irq softirq steal, in ticks. */
static bool machine_read(struct meter *meter)
{
    unsigned long long ticks[8] = { 0 };
    uint64_t tick = 1000000000u / (uint64_t)sysconf(_SC_CLK_TCK);
    FILE *file = fopen("/proc/stat", "re");
    int count;

    if (!file)
        return false;
    count = fscanf(file, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &ticks[0], &ticks[1],
                   &ticks[2], &ticks[3], &ticks[4], &ticks[5], &ticks[6], &ticks[7]);
    fclose(file);
    meter->idle = (ticks[3] + ticks[4]) * tick;
    meter->steal = ticks[7] * tick;
    return count == 8;
}

static uint64_t kernel_threads_cpu(void)
{
    DIR *folder = opendir("/proc");
    const struct dirent *entry;
    uint64_t sum = 0;

    if (!folder)
        return 0;
    while ((entry = readdir(folder)))
        if (isdigit((unsigned char)entry->d_name[0]) && is_kernel_thread(entry->d_name))
            sum += scheduled(entry->d_name);
    closedir(folder);
    return sum;
}

/* Children of kthreadd, which is 2, and itself. */
static bool is_kernel_thread(const char *pid)
{
    char path[300], line[512];
    const char *behind_name;
    size_t len = 0;
    int parent = -1;
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%s/stat", pid);
    file = fopen(path, "re");
    if (!file)
        return false;
    len = fread(line, 1, sizeof(line) - 1, file);
    fclose(file);
    line[len] = 0;
    behind_name = strrchr(line, ')');
    if (behind_name)
        sscanf(behind_name + 1, " %*c %d", &parent);
    return parent == 2 || strcmp(pid, "2") == 0;
}

static uint64_t scheduled(const char *pid)
{
    char path[300];
    unsigned long long nanoseconds = 0;
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%s/schedstat", pid);
    file = fopen(path, "re");
    if (!file)
        return 0;
    if (fscanf(file, "%llu", &nanoseconds) != 1)
        nanoseconds = 0;
    fclose(file);
    return nanoseconds;
}
