/* Control: the socket through which commands reach a running server.
 *
 * DATA/control, a stream socket of mode 0600; a peer of another user is refused. It asks no rule: whoever
 * owns the folder may do everything, also when every rule fails. One question a connection, in
 * frames: four bytes of length (big-endian, of the content), one byte of kind, the content.
 *
 *   client   FRAME_ASK        {"version":1,"command":"key create","text":true,"given":{…}}
 *   server   FRAME_PROGRESS   a line for a person; any number of them
 *            FRAME_OUTPUT     what the command prints; the end
 *            FRAME_BAD        the same, and what it prints is no good news: the exit code is 1
 *            FRAME_FAILED     why not, a line each; the end
 *
 * Commands are the rows of api/command.h, and two that belong to the process: `status`, and `backup
 * database`, which copies the database to a file between the writer's batches, and which ends when
 * the connection does.
 */
#ifndef FOYER_EXEC_CONTROL_H
#define FOYER_EXEC_CONTROL_H

#include "base/field.h"

#include <sys/un.h>

enum { CONTROL_VERSION = 1, CONTROL_HEAD = 5 };
enum control_frame {
    FRAME_ASK = 'q',
    FRAME_PROGRESS = 'p',
    FRAME_OUTPUT = 'o',
    FRAME_BAD = 'b',
    FRAME_FAILED = 'e'
};

/* The address of DATA/control. A path that is too long for a socket is named through an open folder: *fd,
 * to be closed once the address was used; -1: not needed. False: errno. */
bool control_address(const char *folder, struct sockaddr_un *address, int *fd);

/* What `status` answers, for foyer doctor. */
struct server_status {
    struct str version, base_url;
    struct str ready; /* as /readyz says it */
    struct str smtp;  /* "set", "unset" */
    int64_t process, started_at, wal_bytes, commits, connections, descriptors, generation;
    bool has_rule_faults, has_proxies;
};
extern const struct entity server_status_entity;

/* What `backup database` takes and answers. */
struct backup_asked {
    struct str path; /* absolute, of an empty file */
};
struct backup_answer {
    int64_t commits;
};
extern const struct entity backup_asked_entity, backup_answer_entity;

#endif
