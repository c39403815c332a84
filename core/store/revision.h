/* Revision: which text of a script, or of a plugin's folder (plugin/folder.h), was put when, and by whom. Of the server,
 * not of a workspace.
 *
 * A revision is *live* while its text is in force, *replaced* once another was put, *rolled back* when it
 * was left by going back to an older one, *quarantined* when the server left it by itself because it
 * kept failing, *refused* when it had faults and never was in force. Of each script the newest
 * REVISIONS_KEPT are kept, as long as they have no more than REVISIONS_BYTES together.
 */
#ifndef FOYER_STORE_REVISION_H
#define FOYER_STORE_REVISION_H

#include "base/field.h"
#include "store/tx.h"

enum { REVISIONS_KEPT = 100, REVISIONS_BYTES = 16 * 1024 * 1024 };

enum revision_state {
    REVISION_LIVE,
    REVISION_REFUSED,
    REVISION_REPLACED,
    REVISION_ROLLED_BACK,
    REVISION_QUARANTINED
};

struct revision {
    int64_t version;   /* grows with time, over all scripts; 0: none */
    int64_t back_to;   /* the version whose text was put back; 0: a text of its own */
    struct str sha256; /* in hex */
    int state;
    struct str report;     /* why it was refused or quarantined */
    struct str actor_kind; /* "system": found on disk, or put by a command */
    struct uuid actor_id;
    struct str actor; /* address or name; absent: nobody of tx->workspace (0: of any) */
    int64_t created_at;
    int64_t bytes;
    struct str source; /* of revision_load alone; else absent */
};

/* The text that lies in the data folder (absent: none does) becomes a revision where it is none that
 * was put here: somebody changed the file, and his text must not be lost when another takes its place. */
enum status revision_note(struct tx *tx, struct str name, struct str on_disk);
/* The text is in force from now on; the one that was is marked as replaced. Nothing where it is in force. */
enum status revision_insert(struct tx *tx, struct str name, struct str source);
enum status revision_insert_refused(struct tx *tx, struct str name, struct str source,
                                    struct str report);
/* The text of that version is in force again, as a revision of its own, and what came after it is rolled
 * back. Nothing where it is in force. 0: no text is. */
enum status revision_go_back(struct tx *tx, struct str name, int64_t version);

/* Newest first, without source. In the arena. */
enum status revision_list(struct tx *tx, struct str name, struct revision **revisions,
                          size_t *count);
/* ST_NOT_FOUND: there is no such version of that script. */
enum status revision_load(struct tx *tx, struct str name, int64_t version,
                          struct revision *revision);
/* Whether anything is recorded under that name. */
bool revision_is_known(struct tx *tx, struct str name);
/* The version before the text that lies in the data folder (absent: none does): the newest other text that
 * was replaced and not rolled back. 0: there is none before it. */
int64_t revision_before(struct tx *tx, struct str name, struct str on_disk);
/* The script whose text in force was put last; absent: no text is in force but what is shipped. */
struct str revision_last_changed(struct tx *tx);

/* A text that is in force, put or found at a time. */
struct revision_text {
    struct str name, source;
};
/* All that is in force since `since`: what somebody changed in the data folder by hand becomes a
 * revision, as by revision_note. A revision that is newer than `since` is on its way to be in force, and stays. */
enum status revision_follow(struct tx *tx, const struct revision_text *texts, size_t count,
                            int64_t since);
/* The text failed and was left by the server, which put `before` (absent: nothing) in its place. */
enum status revision_quarantine(struct tx *tx, struct str name, struct str source,
                                struct str before, struct str report);
/* Why a text was left that came after the one in force; absent: none was. */
struct str revision_quarantined(struct tx *tx, struct str name);

#endif
