-- What belongs to the server and not to one workspace: its counters, its workspaces, its logins.
-- Times are microseconds UTC (columns end in _at), ids are UUIDv7 of 16 bytes.

-- One row. `commits` grows by one with each commit of the writer; the mark file beside the database
-- never runs ahead of it, so that a history cut short is noticed at start.
CREATE TABLE meta (
    one            INTEGER PRIMARY KEY CHECK (one = 1),
    commits        INTEGER NOT NULL,
    last_commit_at INTEGER NOT NULL            -- wall time never goes below it
) STRICT;
INSERT INTO meta (one, commits, last_commit_at) VALUES (1, 0, 0);

-- A firm's portal. `seq` is the number that stands first in every key of the other tables.
CREATE TABLE workspaces (
    seq                  INTEGER PRIMARY KEY,
    id                   BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    name                 TEXT NOT NULL,
    industry             TEXT,
    locale               TEXT NOT NULL DEFAULT 'en',
    time_zone            TEXT NOT NULL DEFAULT 'Etc/UTC',   -- IANA
    companies_enabled    INTEGER NOT NULL DEFAULT 1 CHECK (companies_enabled IN (0, 1)),
    company_required     INTEGER NOT NULL DEFAULT 0 CHECK (company_required IN (0, 1)),
    one_company          INTEGER NOT NULL DEFAULT 0 CHECK (one_company IN (0, 1)), -- a client has at most one
    email_required       INTEGER NOT NULL DEFAULT 1 CHECK (email_required IN (0, 1)),
    sign_up_enabled      INTEGER NOT NULL DEFAULT 0 CHECK (sign_up_enabled IN (0, 1)),
    clients_may_invite   INTEGER NOT NULL DEFAULT 0 CHECK (clients_may_invite IN (0, 1)),
    delete_permanently   INTEGER NOT NULL DEFAULT 0 CHECK (delete_permanently IN (0, 1)),
    invite_days          INTEGER CHECK (invite_days BETWEEN 1 AND 365),  -- NULL: the server's default
    client_limit         INTEGER CHECK (client_limit >= 0),              -- of the plan; NULL: none
    client_count         INTEGER NOT NULL DEFAULT 0 CHECK (client_count >= 0), -- not archived; kept by triggers
    individual_term      TEXT NOT NULL DEFAULT 'client',
    individual_terms     TEXT NOT NULL DEFAULT 'clients',
    group_term           TEXT NOT NULL DEFAULT 'company',
    group_terms          TEXT NOT NULL DEFAULT 'companies',
    color_accent         TEXT NOT NULL DEFAULT '#2f5d50',
    color_sidebar        TEXT NOT NULL DEFAULT '#1f2a2e',
    color_sidebar_text   TEXT NOT NULL DEFAULT '#ffffff',
    mail_from_name       TEXT,                 -- NULL: the workspace's name
    event_seq            INTEGER NOT NULL DEFAULT 0,  -- last number given in events
    audit_seq            INTEGER NOT NULL DEFAULT 0,  -- last number given in audit
    created_at           INTEGER NOT NULL,
    updated_at           INTEGER NOT NULL,
    CONSTRAINT client_limit_reached CHECK (client_limit IS NULL OR client_count <= client_limit)
) STRICT;

-- Who signs in. A login belongs to one workspace (`workspace` set) until a mailed token has proved
-- the address; a proven one (`workspace` NULL) is shared by all workspaces of that address.
CREATE TABLE logins (
    seq                 INTEGER PRIMARY KEY,
    id                  BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    workspace           INTEGER REFERENCES workspaces (seq),
    email               TEXT NOT NULL,
    email_key           TEXT NOT NULL,
    password_hash       TEXT,                  -- argon2id, self-describing; NULL: cannot sign in by password
    may_operate         INTEGER NOT NULL DEFAULT 0 CHECK (may_operate IN (0, 1)), -- operate_server
    created_at          INTEGER NOT NULL,
    password_changed_at INTEGER
) STRICT;
CREATE UNIQUE INDEX logins_proven ON logins (email_key) WHERE workspace IS NULL;
CREATE UNIQUE INDEX logins_unproven ON logins (workspace, email_key) WHERE workspace IS NOT NULL;

-- Contents of scripts and plugins, addressed by content: who put which text there, and when.
CREATE TABLE revisions (
    seq        INTEGER PRIMARY KEY,
    name       TEXT NOT NULL,                  -- "permissions.lua"
    sha256     BLOB NOT NULL CHECK (length(sha256) = 32),
    source     TEXT NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('live', 'refused', 'replaced', 'quarantined')),
    report     TEXT,                           -- why it was refused
    actor_kind TEXT NOT NULL,
    actor_id   BLOB,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX revisions_by_name ON revisions (name, seq);
