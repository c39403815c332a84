/* Exec_client: asks a whole server without sockets: routes and rules of exec_notes.h, a data folder of its
 * own. A round of asks opens the server, runs it, and closes it again; rows stay between rounds.
 */
#ifndef FOYER_TESTS_EXEC_CLIENT_H
#define FOYER_TESTS_EXEC_CLIENT_H

#include "base/config.h"
#include "exec/inside.h"
#include "exec_folder.h"

enum { ASK_HEADERS = 6 };

struct ask {
    enum method method;
    const char *target;
    const char *headers[ASK_HEADERS]; /* "Name: value" */
    const char *body;                 /* NULL: none */
    bool anonymous;                   /* else with the key of the workspace */
    bool is_form;
    const char *peer; /* NULL: 192.0.2.1 */
    /* Asked while it is away: true hangs up on it. NULL: never. */
    bool (*hangs_up)(void);
    /* Called before it is asked, when those before it in the round have been answered. */
    void (*before)(struct ask *ask, struct ask *first);

    struct job *job; /* while it is away */

    /* The answer; in the client's arena. */
    int status;
    const char *answer;
    const char *content_type;
    struct reply_header answered[REPLY_HEADERS];
    size_t answered_count;
};

struct exec_client {
    struct exec_folder made;
    struct config config; /* may be changed between rounds */
    struct arena arena;
    struct server server;
    const char *key;     /* an API key's text */
    const char *session; /* the value of a cookie */
    int exit_code;

    struct ask *asks;
    size_t count, begun, ended;
    bool at_once; /* all are asked before the first answer is waited for */
    uv_timer_t timer;
    void (*in_between)(struct exec_client *client,
                       size_t ended); /* after each answer; NULL: nothing */
};

void exec_client_open(struct exec_client *client);
void exec_client_close(struct exec_client *client);
/* Asks them one after the other, or all at once. */
void exec_client_ask(struct exec_client *client, struct ask *asks, size_t count);
void exec_client_ask_at_once(struct exec_client *client, struct ask *asks, size_t count);
/* The value of a header of the answer; NULL: it has none. */
const char *ask_header(const struct ask *ask, const char *name);
#define ASK(client, asks) exec_client_ask((client), (asks), sizeof(asks) / sizeof((asks)[0]))

#endif
