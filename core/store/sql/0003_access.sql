-- How somebody gets in: keys of programs, sessions of people, mailed tokens, invitations.
-- No secret is stored: of keys and sessions there are hashes, mailed tokens are derived.

CREATE TABLE api_keys (
    seq           INTEGER PRIMARY KEY,
    workspace     INTEGER NOT NULL REFERENCES workspaces (seq),
    id            BLOB NOT NULL CHECK (length(id) = 16),
    name          TEXT NOT NULL,
    key_hash      BLOB NOT NULL UNIQUE CHECK (length(key_hash) = 32), -- SHA-256 of the key's text
    scopes        TEXT CHECK (scopes IS NULL OR json_valid(scopes)), -- names of permissions; NULL: all of the owner's
    internal_user INTEGER REFERENCES internal_users (seq), -- on whose behalf; NULL: the workspace's own
    created_at    INTEGER NOT NULL,
    last_used_at  INTEGER,
    expires_at    INTEGER,
    revoked_at    INTEGER,
    UNIQUE (workspace, id)
) STRICT;

CREATE TABLE sessions (
    seq          INTEGER PRIMARY KEY,
    workspace    INTEGER NOT NULL REFERENCES workspaces (seq),
    id           BLOB NOT NULL CHECK (length(id) = 16),
    token_hash   BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    login        INTEGER NOT NULL REFERENCES logins (seq),
    kind         TEXT NOT NULL CHECK (kind IN ('internalUser', 'client')),
    person       BLOB NOT NULL CHECK (length(person) = 16), -- id of the internal user or client
    peer         TEXT,
    user_agent   TEXT,
    created_at   INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    idle         INTEGER NOT NULL,             -- microseconds without use after which it is over
    expires_at   INTEGER NOT NULL,             -- absolute
    ended_at     INTEGER,
    UNIQUE (workspace, id)
) STRICT;
CREATE INDEX sessions_by_login ON sessions (login) WHERE ended_at IS NULL;
CREATE INDEX sessions_by_person ON sessions (workspace, person) WHERE ended_at IS NULL;
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- Single use, typed, bound to a subject. The token's text is id and HMAC(server key, purpose, id).
CREATE TABLE tokens (
    seq        INTEGER PRIMARY KEY,
    workspace  INTEGER NOT NULL REFERENCES workspaces (seq),
    id         BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    purpose    TEXT NOT NULL CHECK (purpose IN ('invite.mail', 'invite.link', 'reset', 'sign_in')),
    subject    BLOB NOT NULL CHECK (length(subject) = 16), -- id of the invite, or of the login
    person     BLOB,                           -- sign_in: id of the person who is signed in
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER,
    cancelled_at INTEGER
) STRICT;
CREATE INDEX tokens_by_subject ON tokens (subject, purpose);
CREATE INDEX tokens_by_expiry ON tokens (expires_at);

CREATE TABLE invites (
    seq          INTEGER PRIMARY KEY,
    workspace    INTEGER NOT NULL REFERENCES workspaces (seq),
    id           BLOB NOT NULL CHECK (length(id) = 16),
    client       INTEGER NOT NULL REFERENCES clients (seq) ON DELETE CASCADE,
    email        TEXT NOT NULL,                -- where it went when it was made
    message      TEXT,                         -- personal words of the inviter
    inviter_kind TEXT NOT NULL,
    inviter_id   BLOB,
    inviter_name TEXT,
    mailed       INTEGER NOT NULL DEFAULT 0,   -- how many mails were owed for it
    mail         INTEGER,                      -- newest mail: mails.seq
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    accepted_at  INTEGER,
    cancelled_at INTEGER,
    UNIQUE (workspace, id)
) STRICT;
-- One open invitation a person: a second call resends the first.
CREATE UNIQUE INDEX invites_open ON invites (workspace, client) WHERE accepted_at IS NULL AND cancelled_at IS NULL;
CREATE INDEX invites_by_client ON invites (workspace, client, seq);

-- One door's count of failures, by what was tried (account) and from where (address or /64).
CREATE TABLE throttles (
    key        TEXT PRIMARY KEY,               -- "account:…" or "address:…", hashed
    failures   INTEGER NOT NULL,
    blocked_until INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX throttles_by_age ON throttles (updated_at);
