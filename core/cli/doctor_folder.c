/* Doctor folder: the data folder, its disk, its database, and its backups. */
#include "cli/doctor.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "store/backup.h"
#include "store/db.h"
#include "store/migrate.h"
#include "store/plugin_secret.h"
#include "store/query.h"
#include "store/tx.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { FEW_MIB = 256, SOME_MIB = 2048 };

static void look_at_modes(struct doctor *doctor);
static void look_at_filesystem(struct doctor *doctor);
static void look_at_secrets(struct doctor *doctor, struct tx *tx);
static int64_t size_of(struct doctor *doctor, const char *name);

bool doctor_folder(struct doctor *doctor)
{
    struct road *road = &doctor->road;
    struct failure failure = { 0 };

    if (!road_look(road, &command_doctor, doctor->data)) {
        doctor_found(doctor, FINDING_FAIL, "folder", "%.*s", STR_ARG(road->failure.message));
        return false;
    }
    look_at_modes(doctor);
    if (datafolder_read(&road->folder, &failure, &road->arena) != ST_OK)
        doctor_found(doctor, FINDING_FAIL, "key", "%.*s", STR_ARG(failure.message));
    if (road->folder.lock_fd >= 0) { /* a server may start meanwhile */
        file_unlock(road->folder.lock_fd);
        road->folder.lock_fd = -1;
    }
    return true;
}

static void look_at_modes(struct doctor *doctor)
{
    const char *path = doctor->road.folder.path;
    struct stat info;

    if (stat(path, &info) != 0)
        return;
    if (info.st_uid != geteuid())
        doctor_found(doctor, FINDING_WARN, "folder",
                     "%s belongs to user %lld, and this is user %lld: run commands as that one "
                     "(sudo -u '#%lld' foyer …)",
                     path, (long long)info.st_uid, (long long)geteuid(), (long long)info.st_uid);
    if (info.st_mode & 077)
        doctor_found(doctor, FINDING_FAIL, "folder",
                     "others may look into %s, where keys and mails are: chmod 700 %s", path, path);
    else
        doctor_found(doctor, FINDING_OK, "folder", "%s is its owner's alone", path);
}

void doctor_disk(struct doctor *doctor)
{
    const char *path = doctor->road.folder.path;
    struct statvfs disk;
    long long free_mib, total_mib;
    enum finding finding = FINDING_OK;

    if (statvfs(path, &disk) != 0)
        return;
    free_mib = (long long)((uint64_t)disk.f_bavail * disk.f_frsize >> 20);
    total_mib = (long long)((uint64_t)disk.f_blocks * disk.f_frsize >> 20);
    if (free_mib < FEW_MIB || (disk.f_files > 0 && disk.f_favail < 1000))
        finding = FINDING_FAIL;
    else if (free_mib < SOME_MIB && free_mib < total_mib / 10)
        finding = FINDING_WARN;
    doctor_found(doctor, finding, "disk", "%lld of %lld MiB are free%s", free_mib, total_mib,
                 finding == FINDING_OK
                     ? ""
                     : ": free some, or move the folder to a larger disk; when it is "
                       "full, changes are refused");
    look_at_filesystem(doctor);
}

/* Locks and shared memory, on which a database with several connections stands, are no more than wishes
 * there. */
static void look_at_filesystem(struct doctor *doctor)
{
    static const struct {
        unsigned long type;
        const char *name;
    } foreign[] = {
        { 0x6969, "NFS" }, { 0xff534d42, "CIFS" }, { 0xfe534d42, "SMB" }, { 0x01021997, "9p" }
    };
    struct statfs disk;

    if (statfs(doctor->road.folder.path, &disk) != 0)
        return;
    for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
        if ((unsigned long)disk.f_type == foreign[i].type)
            doctor_found(
                doctor, FINDING_FAIL, "disk",
                "%s lies on %s: a database may be lost there; move the folder to a disk of "
                "this machine",
                doctor->road.folder.path, foreign[i].name);
}

void doctor_database(struct doctor *doctor)
{
    struct road *road = &doctor->road;
    int64_t wal = doctor->is_served ? doctor->status.wal_bytes : size_of(doctor, "foyer.db-wal");
    struct failure failure = { 0 };
    int64_t now = clock_wall();
    struct db *db = NULL;
    struct tx tx;

    db_start();
    if (db_open(road->folder.database, DB_READ, &db, &failure, &road->arena) == ST_OK &&
        datafolder_check_mark(&road->folder, db, &failure, &road->arena) == ST_OK &&
        migrate_look(db, &failure, &road->arena) == ST_OK) {
        doctor_found(doctor, FINDING_OK, "database", "%lld MiB, commit %llu",
                     (long long)size_of(doctor, "foyer.db") >> 20,
                     (unsigned long long)db_commits(db));
        tx_init(&tx, db, &road->arena, now); /* never below the last commit's */
        if (tx_now(&tx) > now + 5 * CLOCK_SECOND)
            doctor_found(
                doctor, FINDING_FAIL, "clock",
                "it stands %lld s before the last commit: set it (timedatectl set-ntp true)",
                (long long)((tx_now(&tx) - now) / CLOCK_SECOND));
        else
            doctor_found(doctor, FINDING_OK, "clock", "it is not before the last commit");
        look_at_secrets(doctor, &tx);
    } else {
        doctor_found(doctor, FINDING_FAIL, "database", "%.*s", STR_ARG(failure.message));
    }
    db_close(db);
    if (wal > 4 * (int64_t)LIMIT_WAL_BYTES)
        doctor_found(
            doctor, FINDING_WARN, "database",
            "its log has grown to %lld MiB: something reads it for very long, a backup tool "
            "or a shell; end that",
            (long long)wal >> 20);
}

/* Nothing is said where all is well, or the key cannot be read, which `foyer check` tells. */
static void look_at_secrets(struct doctor *doctor, struct tx *tx)
{
    struct datafolder *folder = &doctor->road.folder;
    int64_t strangers = 0;

    datafolder_try_key(folder, &doctor->road.arena);
    if (!folder->has_key)
        return;
    tx->server_key = folder->server_key;
    if (tx_begin_read(tx) == ST_OK &&
        query_one_int(tx, 0, "SELECT count(*) FROM sqlite_schema WHERE name = 'plugin_secrets'",
                      NO_ARGS) > 0)
        strangers = plugin_secret_strangers(tx);
    tx_end_read(tx);
    if (strangers > 0)
        doctor_found(doctor, FINDING_WARN, "secrets",
                     "secrets of plugins (%lld) were sealed with another server.key: put that file "
                     "back, or set them again (foyer plugin show ID tells which)",
                     (long long)strangers);
}

static int64_t size_of(struct doctor *doctor, const char *name)
{
    struct str path = str_printf(&doctor->road.arena, "%s/%s", doctor->road.folder.path, name);
    struct stat info;

    return stat(path.at, &info) == 0 ? info.st_size : 0;
}

void doctor_backups(struct doctor *doctor)
{
    struct arena *arena = &doctor->road.arena;
    DIR *folder = doctor->backups ? opendir(doctor->backups) : NULL;
    const struct dirent *entry;
    struct stat info;
    int64_t newest = 0, hours;

    if (!doctor->backups) {
        doctor_found(doctor, FINDING_OK, "backups",
                     "not looked at: --backups DIR says how old the newest one is");
        return;
    }
    while (folder && (entry = readdir(folder))) {
        struct str path = str_printf(arena, "%s/%s", doctor->backups, entry->d_name);

        if (stat(path.at, &info) == 0 && S_ISREG(info.st_mode) && info.st_mtime > newest &&
            !strstr(entry->d_name, ".tmp-") && backup_is_archive(path.at))
            newest = info.st_mtime;
    }
    if (folder)
        closedir(folder);
    hours = (clock_wall() / CLOCK_SECOND - newest) / 3600;
    if (newest == 0)
        doctor_found(doctor, FINDING_FAIL, "backups",
                     "there is none in %s: let `foyer backup --data %s %s` run every night",
                     doctor->backups, doctor->data, doctor->backups);
    else
        doctor_found(doctor, hours > 48 ? FINDING_WARN : FINDING_OK, "backups",
                     "the newest is %lld hours old%s", (long long)hours,
                     hours > 48 ? ": look why none was made since" : "");
}
