-- Deliveries: an event for each handler of scripts that listens to it, until it is done or given up.

-- Who listens, as of the newest set of scripts that the writer has looked at: a handler gets what happens
-- from its first row on, and nothing of the days before.
CREATE TABLE handlers (
    plugin     TEXT NOT NULL,                  -- "house_rules.lua"; of folders their id
    name       TEXT NOT NULL,                  -- within the plugin: given, or that of the event
    event      TEXT NOT NULL,                  -- "client.created"
    since      INTEGER NOT NULL,               -- when it came into force
    PRIMARY KEY (plugin, name)
) STRICT, WITHOUT ROWID;

-- Up to which event of a workspace deliveries were made. Rows only where somebody listens, or did.
CREATE TABLE delivery_marks (
    workspace  INTEGER PRIMARY KEY REFERENCES workspaces (seq),
    event_seq  INTEGER NOT NULL
) STRICT;

-- Of one handler and one thing (key) there is one delivery at a time whose turn it is: the one with a due_at.
CREATE TABLE deliveries (
    seq           INTEGER PRIMARY KEY,         -- of one workspace in the order of its events
    workspace     INTEGER NOT NULL REFERENCES workspaces (seq),
    id            BLOB NOT NULL CHECK (length(id) = 16),
    plugin        TEXT NOT NULL,
    handler       TEXT NOT NULL,
    event         TEXT NOT NULL,
    event_seq     INTEGER NOT NULL,
    entity        TEXT NOT NULL,
    key           BLOB NOT NULL,               -- id of what the event tells of
    depth         INTEGER NOT NULL,            -- how many handlers caused each other before it
    status        INTEGER NOT NULL DEFAULT 0 CHECK (status BETWEEN 0 AND 3), -- queued, failed (and tried again), done, dead
    attempts      INTEGER NOT NULL DEFAULT 0,  -- tries that failed, since it was made or last replayed
    due_at        INTEGER,                     -- not before; NULL: over, or it waits for its turn
    error_message TEXT,                        -- of the newest try that failed
    error_where   TEXT,                        -- "house_rules.lua:12"
    request_id    TEXT,                        -- of the request that the event comes of
    created_at    INTEGER NOT NULL,
    tried_at      INTEGER,                     -- end of the newest try
    ended_at      INTEGER,
    UNIQUE (workspace, id),
    UNIQUE (workspace, event_seq, plugin, handler),
    FOREIGN KEY (workspace, event_seq) REFERENCES events (workspace, seq),
    CHECK ((ended_at IS NULL) = (status IN (0, 1))),
    CHECK (ended_at IS NULL OR due_at IS NULL)
) STRICT;
CREATE UNIQUE INDEX deliveries_turn ON deliveries (workspace, plugin, handler, key) WHERE due_at IS NOT NULL;
CREATE INDEX deliveries_open ON deliveries (workspace, plugin, handler, key, seq) WHERE ended_at IS NULL;
CREATE INDEX deliveries_due ON deliveries (plugin, handler, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX deliveries_newest ON deliveries (workspace, seq);
CREATE INDEX deliveries_ended ON deliveries (status, ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX deliveries_waiting ON deliveries (created_at) WHERE ended_at IS NULL;

-- What a delivery has changed so far, by the calls of its handler in their order: when it is tried again,
-- the same call gets the same answer and changes nothing a second time. They go when it is done.
CREATE TABLE delivery_steps (
    workspace  INTEGER NOT NULL REFERENCES workspaces (seq),
    delivery   INTEGER NOT NULL REFERENCES deliveries (seq) ON DELETE CASCADE,
    number     INTEGER NOT NULL,               -- from 1, within a try
    call_hash  BLOB NOT NULL CHECK (length(call_hash) = 32), -- of what was called, with what
    status     INTEGER NOT NULL,               -- HTTP; of foyer.run 200
    answer     TEXT,                           -- JSON; NULL: had a secret in it, or is too large
    PRIMARY KEY (delivery, number)
) STRICT, WITHOUT ROWID;

-- How many handlers away from a request what a handler causes is, also by an operation that it begins or a
-- mail that it owes, which tell of themselves later: a circle of handlers ends there.
ALTER TABLE events ADD COLUMN depth INTEGER NOT NULL DEFAULT 0;
ALTER TABLE operations ADD COLUMN event_depth INTEGER NOT NULL DEFAULT 0;
ALTER TABLE mails ADD COLUMN event_depth INTEGER NOT NULL DEFAULT 0;
