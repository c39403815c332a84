/* Sources look: what changed below DATA, and whether somebody is still at it; no content is read. */
#include "plugin/folder.h"
#include "plugin/routes.h"
#include "plugin/sources.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

static uint64_t mix_folder(uint64_t hash, const char *folder, int depth, bool with_tests);
static uint64_t mix_file(uint64_t hash, const struct stat *info);
static uint64_t mix(uint64_t hash, const void *at, size_t len);
static bool is_settled(const char *folder, int64_t now_ms, int depth);

uint64_t sources_signature(const struct sources *sources)
{
    static const char *const folders[] = { "scripts", "plugins" };
    uint64_t hash = 14695981039346656037u;
    struct stat info;

    for (int i = 0; sources->data && i < 2; i++) {
        char path[4200];

        snprintf(path, sizeof(path), "%s/%s", sources->data, folders[i]);
        hash = mix_folder(hash, path, 0, false);
    }
    if (sources->pins)
        hash = stat(sources->pins, &info) == 0 ? mix_file(hash, &info)
                                               : mix(hash, &errno, sizeof(errno));
    return hash;
}

bool sources_are_settled(const struct sources *sources)
{
    char path[4200];
    struct timespec now;

    if (!sources->data)
        return true;
    clock_gettime(CLOCK_REALTIME, &now);
    snprintf(path, sizeof(path), "%s/plugins", sources->data);
    return is_settled(path, (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000, 0);
}

/* By the file system's own clock: that of tests leaps. What is younger than now was written by a clock that was set
 * since. */
static bool is_settled(const char *folder, int64_t now_ms, int depth)
{
    DIR *dir = opendir(folder);
    bool is = true;
    struct dirent *entry;

    while (dir && is && (entry = readdir(dir))) {
        char path[4200];
        struct stat info;
        int64_t age;

        if (entry->d_name[0] == '.' || (depth == 0 && folder_is_left(str_from(entry->d_name))) ||
            (size_t)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name) >= sizeof(path) ||
            stat(path, &info) != 0)
            continue;
        age = now_ms - ((int64_t)info.st_ctim.tv_sec * 1000 + info.st_ctim.tv_nsec / 1000000);
        is = depth == 0 || age < 0 || age >= SETTLED_MS;
        if (is && S_ISDIR(info.st_mode) && depth < SOURCES_DEPTH)
            is = is_settled(path, now_ms, depth + 1);
    }
    if (dir)
        closedir(dir);
    return is;
}

uint64_t sources_folder_signature(const char *folder)
{
    return mix_folder(14695981039346656037u, folder, 0, true);
}

/* Entries are added up: the order in which a folder gives them means nothing. */
static uint64_t mix_folder(uint64_t hash, const char *folder, int depth, bool with_tests)
{
    DIR *dir = opendir(folder);
    uint64_t sum = 0;
    struct dirent *entry;

    if (!dir)
        return mix(hash, &errno, sizeof(errno));
    while ((entry = readdir(dir))) {
        char path[4200];
        struct stat info;

        if (entry->d_name[0] == '.' ||
            (size_t)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name) >= sizeof(path) ||
            stat(path, &info) != 0)
            continue;
        if (S_ISDIR(info.st_mode)) {
            if (depth < SOURCES_DEPTH)
                sum += mix_folder(mix(hash, entry->d_name, strlen(entry->d_name)), path, depth + 1,
                                  with_tests);
        } else if (sources_is_wanted(str_from(entry->d_name)) ||
                   asset_type(str_from(entry->d_name)) ||
                   (with_tests && str_ends(str_from(entry->d_name), STR(".lua")))) {
            sum += mix_file(mix(hash, entry->d_name, strlen(entry->d_name)), &info);
        }
    }
    closedir(dir);
    return mix(hash, &sum, sizeof(sum));
}

static uint64_t mix_file(uint64_t hash, const struct stat *info)
{
    hash = mix(hash, &info->st_size, sizeof(info->st_size));
    hash = mix(hash, &info->st_mtim, sizeof(info->st_mtim));
    return mix(hash, &info->st_ino, sizeof(info->st_ino));
}

static uint64_t mix(uint64_t hash, const void *at, size_t len)
{
    const unsigned char *bytes = at;

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ bytes[i]) * 1099511628211u;
    return hash;
}
