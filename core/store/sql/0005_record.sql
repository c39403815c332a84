-- What happened: events for those who follow, audit for those whom it concerns, decisions of rules,
-- and answers kept for repeated requests.

-- seq is given in commit order and is the Last-Event-ID of a stream. Kept 14 days.
CREATE TABLE events (
    workspace  INTEGER NOT NULL REFERENCES workspaces (seq),
    seq        INTEGER NOT NULL,
    name       TEXT NOT NULL,                  -- "client.created"
    entity     TEXT NOT NULL,
    entity_id  BLOB NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id   BLOB,
    payload    TEXT NOT NULL,                  -- the GET shape, and before
    request_id TEXT,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (workspace, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX events_by_age ON events (created_at);

-- Who, what, when, from where. `seal` chains: SHA-256(seal before, row, hash of its detail); NULL until
-- the sealer has come by. The detail can be erased and the chain still holds.
CREATE TABLE audit (
    workspace   INTEGER NOT NULL REFERENCES workspaces (seq),
    seq         INTEGER NOT NULL,
    action      TEXT NOT NULL,
    entity      TEXT NOT NULL,
    entity_id   BLOB NOT NULL,
    actor_kind  TEXT NOT NULL,
    actor_id    BLOB,
    behalf_kind TEXT,
    behalf_id   BLOB,
    road        TEXT NOT NULL,
    peer        TEXT,
    request_id  TEXT,
    created_at  INTEGER NOT NULL,
    salt        BLOB,                          -- NULL: erased
    detail      TEXT,                          -- {before, after}; NULL: erased, or none
    detail_hash BLOB,                          -- SHA-256(salt, detail), written by the sealer
    seal        BLOB,
    PRIMARY KEY (workspace, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_unsealed ON audit (workspace, seq) WHERE seal IS NULL;
CREATE INDEX audit_by_entity ON audit (workspace, entity_id, seq);

-- What rules decided: all denials and errors (capped), a sample of what was allowed. Bounded by age and size.
CREATE TABLE decisions (
    seq          INTEGER PRIMARY KEY,
    workspace    INTEGER NOT NULL REFERENCES workspaces (seq),
    at           INTEGER NOT NULL,
    request_id   TEXT,
    actor_kind   TEXT NOT NULL,
    actor_id     BLOB,
    action       TEXT NOT NULL,
    entity_id    BLOB,
    verdict      TEXT NOT NULL CHECK (verdict IN ('allow', 'deny', 'error')),
    code         TEXT,
    reason       TEXT,
    rule         TEXT,                         -- file:line of what decided
    reads        TEXT,                         -- JSON object: what it read, and the values
    nanoseconds  INTEGER NOT NULL
) STRICT;
CREATE INDEX decisions_newest ON decisions (workspace, seq);

-- Answers kept 24 h for a repeated Idempotency-Key.
CREATE TABLE idempotency (
    workspace  INTEGER NOT NULL REFERENCES workspaces (seq),
    actor      BLOB NOT NULL,
    route      TEXT NOT NULL,                  -- "POST /v1/clients"
    key        TEXT NOT NULL,
    body_hash  BLOB NOT NULL,                  -- of query and body
    status     INTEGER NOT NULL,
    body       TEXT,                           -- NULL: had a secret in it; only entity_id is kept
    entity_id  BLOB,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (workspace, actor, route, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_by_age ON idempotency (created_at);
