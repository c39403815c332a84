/* Scratch: what tests of scripts know of the server that each may have for itself: a real one, with a database in a
 * temporary folder, whose time stands still and from which nothing leaves. exec/scratch.h runs it, and sets these.
 *
 * On the test's thread. Nothing here raises or jumps. What is given lies in the arena that comes with the call.
 */
#ifndef FOYER_LUA_SCRATCH_H
#define FOYER_LUA_SCRATCH_H

#include "base/buf.h"
#include "http/request.h"
#include "store/actor.h"

struct scratch;

/* A workspace there. */
struct scratch_place {
    int64_t number;
    struct uuid id;
    struct uuid owner;
    struct str owner_email;
};

/* Somebody of the staff. */
struct scratch_hired {
    struct str email, role, given_name, family_name;
    struct uuid id; /* filled in */
};

struct scratch_asked {
    enum actor_kind
        kind; /* ACTOR_STAFF, ACTOR_CLIENT: as by a session; else what the headers say */
    const struct scratch_place *place;
    struct uuid id;
    enum method method;
    struct str target;  /* "/v1/clients?limit=1", or a whole URL of this server */
    struct str headers; /* "name: value\n" each, names in lower case */
    struct str body;
    bool has_body;
};
struct scratch_reply {
    int status;
    struct str content_type; /* absent: no body */
    struct str headers;      /* "name: value\n" each, names in lower case */
    struct str body;
};

/* What a handler fetches, until it is answered. */
struct scratch_fetch {
    int64_t workspace;
    enum method method;
    struct str url, headers, secret_headers, body; /* secret_headers: more of them */
    bool has_body;
    struct str plugin, handler;
};
struct scratch_fetched {
    int status;
    struct str headers; /* "name: value\n" each, names in lower case */
    struct str body;
    struct str error; /* there is no answer; absent: there is */
};

enum scratch_progress {
    SCRATCH_SETTLED, /* nothing is due any more */
    SCRATCH_FETCHES, /* *fetch waits for its answer; then it is run again */
    SCRATCH_ENDLESS  /* it does not come to an end */
};

enum scratch_sight { SCRATCH_MAILS, SCRATCH_EVENTS, SCRATCH_DELIVERIES, SCRATCH_LOG };

struct scratch_calls {
    /* With the clock at `now`. NULL: *why. */
    struct scratch *(*open)(int64_t now, struct arena *arena, struct str *why);
    void (*close)(struct scratch *scratch); /* takes NULL */
    /* Ends the server and starts it anew on its data. False: *why. */
    bool (*restart)(struct scratch *scratch, struct arena *arena, struct str *why);
    /* A workspace with an owner; a member of its staff; False: *why. */
    bool (*found)(struct scratch *scratch, struct str name, struct scratch_place *place,
                  struct arena *arena, struct str *why);
    bool (*hire)(struct scratch *scratch, const struct scratch_place *place,
                 struct scratch_hired *hired, struct arena *arena, struct str *why);
    /* Somebody of it signs in, as after an invitation: a client becomes active. False: *why. */
    bool (*sign_in)(struct scratch *scratch, const struct scratch_place *place,
                    enum actor_kind kind, struct uuid id, struct arena *arena, struct str *why);
    /* Asks, and gives the answer; SCRATCH_FETCHES: a function of a script that answers has to be answered before;
     * then reply is asked for. What is due otherwise does not run meanwhile. */
    enum scratch_progress (*request)(struct scratch *scratch, const struct scratch_asked *asked,
                                     struct arena *arena, struct scratch_reply *reply,
                                     struct scratch_fetch *fetch);
    enum scratch_progress (*reply)(struct scratch *scratch, struct arena *arena,
                                   struct scratch_reply *reply, struct scratch_fetch *fetch);
    /* foyer.transaction NAME of the plugin; *result is JSON. False: *why. */
    bool (*transaction)(struct scratch *scratch, const struct scratch_place *place,
                        struct str plugin, struct str name, struct str args, struct arena *arena,
                        struct str *result, struct str *why);
    /* Runs what is due, and moves the clock to `until`, stopping at all that becomes due before. goes_on: after an
     * answer. */
    enum scratch_progress (*run)(struct scratch *scratch, int64_t until, bool goes_on,
                                 struct scratch_fetch *fetch);
    void (*answer)(struct scratch *scratch, const struct scratch_fetched *fetched);
    int64_t (*now)(const struct scratch *scratch);
    /* Appends a JSON array of what there is of a workspace, oldest first. */
    void (*look)(struct scratch *scratch, enum scratch_sight sight,
                 const struct scratch_place *place, struct buf *out);
    /* Appends a JSON object of what a plugin keeps there. */
    void (*kept)(struct scratch *scratch, const struct scratch_place *place, struct str plugin,
                 struct buf *out);
    /* Appends a line for each thing that went wrong in it, that a test which failed may not have looked at. */
    void (*trouble)(struct scratch *scratch, struct buf *out);
    /* The id of the script or plugin that is tested: "house_rules.lua"; absent: none is. */
    struct str (*tested)(void);
};

/* NULL: there are none here: in a server, and where nobody asked for them. Set before tests run. */
extern const struct scratch_calls *scratch_calls;

#endif
