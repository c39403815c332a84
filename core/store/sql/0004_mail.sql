-- The outbox of mails: a row in the transaction that owes the mail, its true delivery state after.

CREATE TABLE mails (
    seq             INTEGER PRIMARY KEY,
    workspace       INTEGER NOT NULL REFERENCES workspaces (seq),
    id              BLOB NOT NULL CHECK (length(id) = 16), -- also its Message-ID, the same on every try
    render          TEXT NOT NULL,             -- which render makes it: "invite", "reset", …
    recipient       TEXT NOT NULL,
    locale          TEXT NOT NULL,
    data            TEXT NOT NULL CHECK (json_valid(data)), -- what the render gets; no secrets
    token           BLOB,                      -- id of the token whose link stands in it
    subject_kind    TEXT,                      -- "invite": whose delivery this is
    subject_id      BLOB,
    state           TEXT NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sent', 'deferred', 'refused', 'bounced', 'cancelled')),
    attempts        INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER,                   -- NULL: nothing is owed any more
    answer_code     INTEGER,                   -- of the SMTP server, 250, 451, 550; 0: no answer
    answer_text     TEXT,
    render_fallback TEXT,                      -- why the built-in text was used
    request_id      TEXT,
    created_at      INTEGER NOT NULL,
    sent_at         INTEGER,
    UNIQUE (workspace, id)
) STRICT;
CREATE INDEX mails_owed ON mails (next_attempt_at, seq) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX mails_by_subject ON mails (workspace, subject_id, seq) WHERE subject_id IS NOT NULL;
