-- Operations: work on many things that one request asked for, and that the writer does piece by piece.

CREATE TABLE operations (
    seq           INTEGER PRIMARY KEY,
    workspace     INTEGER NOT NULL REFERENCES workspaces (seq),
    id            BLOB NOT NULL CHECK (length(id) = 16),
    kind          TEXT NOT NULL,               -- "company.delete_clients": a row of api/operation_kinds.c
    status        INTEGER NOT NULL DEFAULT 0 CHECK (status BETWEEN 0 AND 4), -- queued, running, done, cancelled, failed
    subject       BLOB CHECK (length(subject) = 16), -- id of the company that it is about; NULL: of none
    input         TEXT NOT NULL CHECK (json_valid(input)), -- what the request said beside the items
    total         INTEGER NOT NULL,
    done          INTEGER NOT NULL DEFAULT 0,  -- items that have a verdict, in their order
    failed        INTEGER NOT NULL DEFAULT 0,  -- of these, items that were refused
    error_code    TEXT,                        -- why it failed as a whole
    error_message TEXT,
    actor_kind    TEXT NOT NULL,               -- who asked: each item is done as him, with the rights that he has then
    actor_id      BLOB,
    behalf_id     BLOB,                        -- owner of the key
    road          TEXT NOT NULL,
    peer          TEXT,
    request_id    TEXT,
    created_at    INTEGER NOT NULL,
    started_at    INTEGER,
    worked_at     INTEGER NOT NULL DEFAULT 0,  -- its newest piece: who waits longest is next
    ended_at      INTEGER,
    UNIQUE (workspace, id),
    CHECK (failed BETWEEN 0 AND done AND done <= total),
    CHECK ((ended_at IS NULL) = (status IN (0, 1))),
    CHECK (status <> 2 OR done = total)
) STRICT;
CREATE INDEX operations_newest ON operations (workspace, seq);
CREATE INDEX operations_by_actor ON operations (workspace, actor_id, seq);
CREATE INDEX operations_by_behalf ON operations (workspace, behalf_id, seq) WHERE behalf_id IS NOT NULL;
CREATE INDEX operations_open ON operations (workspace, worked_at, seq) WHERE ended_at IS NULL;
CREATE INDEX operations_ended ON operations (ended_at) WHERE ended_at IS NOT NULL;

-- What is to be done: the ids as they were when it was asked for, many in a row, since ten thousand rows
-- more would keep other writes waiting. They go when the operation is over. (The keys of this table and the
-- next begin without the workspace: an operation that goes looks for its rows by its number alone, which
-- is of one workspace.)
CREATE TABLE operation_lists (
    workspace  INTEGER NOT NULL REFERENCES workspaces (seq),
    operation  INTEGER NOT NULL REFERENCES operations (seq) ON DELETE CASCADE,
    part       INTEGER NOT NULL,               -- from 0
    ids        BLOB NOT NULL CHECK (length(ids) % 16 = 0),
    PRIMARY KEY (operation, part)
) STRICT, WITHOUT ROWID;

-- What became of each item; made in the transaction that did it, so that none is done twice.
CREATE TABLE operation_verdicts (
    workspace  INTEGER NOT NULL REFERENCES workspaces (seq),
    operation  INTEGER NOT NULL REFERENCES operations (seq) ON DELETE CASCADE,
    number     INTEGER NOT NULL CHECK (number > 0),
    item       BLOB NOT NULL CHECK (length(item) = 16),
    ok         INTEGER NOT NULL CHECK (ok IN (0, 1)),
    code       TEXT,
    message    TEXT,
    PRIMARY KEY (operation, number),
    CHECK ((ok = 1) = (code IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX operation_refusals ON operation_verdicts (operation, number) WHERE ok = 0;
