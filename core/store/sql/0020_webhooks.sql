-- Webhooks: where other servers want to be told what happened.

-- No secret is stored: it is derived from the server's key, the id and the salt (store/webhook_endpoint.c).
CREATE TABLE webhook_endpoints (
    seq             INTEGER PRIMARY KEY,
    workspace       INTEGER NOT NULL REFERENCES workspaces (seq),
    id              BLOB NOT NULL CHECK (length(id) = 16),
    url             TEXT NOT NULL CHECK (length(url) BETWEEN 8 AND 2048),
    description     TEXT,
    events          TEXT NOT NULL CHECK (json_type(events) = 'array' AND json_array_length(events) BETWEEN 1 AND 100), -- names, "client.*", "*"; GLOB reads them
    since_event     INTEGER NOT NULL,          -- it is told what comes after this event of the workspace
    salt            BLOB NOT NULL CHECK (length(salt) = 16),
    salt_before     BLOB CHECK (length(salt_before) = 16), -- of the secret before, which signs, too,
    before_until    INTEGER,                   -- up to this time
    paused_at       INTEGER,
    paused_reason   TEXT,
    created_by_kind TEXT NOT NULL,
    created_by      BLOB,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    -- What became of the tries.
    succeeded_at    INTEGER,                   -- newest success
    failed_at       INTEGER,                   -- newest failure:
    failed_status   INTEGER,                   -- HTTP; NULL: there was no answer
    failed_why      TEXT,
    failing_since   INTEGER,                   -- first failure after the newest success, or after it was resumed
    failures        INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0), -- since then
    took_ms         INTEGER,                   -- the newest try
    UNIQUE (workspace, id),
    CHECK ((salt_before IS NULL) = (before_until IS NULL)),
    CHECK ((paused_at IS NULL) = (paused_reason IS NULL)),
    CHECK ((failing_since IS NULL) = (failures = 0))
) STRICT;

-- Each event is delivered to each endpoint that wants it: there must be an end.
CREATE TRIGGER webhook_endpoints_limit BEFORE INSERT ON webhook_endpoints
WHEN (SELECT count(*) FROM webhook_endpoints WHERE workspace = NEW.workspace) >= 50
BEGIN SELECT RAISE(ABORT, 'too_many_webhook_endpoints'); END;

-- The permission that came with it. (The role of owners holds all, whatever stands in its row.)
UPDATE roles SET permissions = json_insert(permissions, '$[#]', 'manage_webhooks')
    WHERE is_preset = 1 AND name IN ('Owner', 'Admin', 'Admin without billing');
