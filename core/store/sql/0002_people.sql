-- The people of a workspace: staff and their roles, clients, the companies that group them.
-- Every key begins with the workspace. `seq` orders rows by creation and is what joins use;
-- `id` is what the outside sees.

-- A role is a set of named permissions: a JSON array of names, as in /v1/permissions.
CREATE TABLE roles (
    seq         INTEGER PRIMARY KEY,
    workspace   INTEGER NOT NULL REFERENCES workspaces (seq),
    id          BLOB NOT NULL CHECK (length(id) = 16),
    name        TEXT NOT NULL,
    name_key    TEXT NOT NULL,
    is_owner    INTEGER NOT NULL DEFAULT 0 CHECK (is_owner IN (0, 1)),
    permissions TEXT NOT NULL CHECK (json_valid(permissions)),
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    UNIQUE (workspace, id),
    UNIQUE (workspace, name_key)
) STRICT;

CREATE TABLE internal_users (
    seq           INTEGER PRIMARY KEY,
    workspace     INTEGER NOT NULL REFERENCES workspaces (seq),
    id            BLOB NOT NULL CHECK (length(id) = 16),
    login         INTEGER REFERENCES logins (seq),
    role          INTEGER NOT NULL REFERENCES roles (seq),
    given_name    TEXT NOT NULL,
    family_name   TEXT NOT NULL,
    email         TEXT NOT NULL,
    email_key     TEXT NOT NULL,
    avatar_url    TEXT,
    fallback_color TEXT NOT NULL,
    is_limited    INTEGER NOT NULL DEFAULT 0 CHECK (is_limited IN (0, 1)), -- to internal_user_companies
    first_login_at INTEGER,
    last_login_at INTEGER,
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL,
    removed_at    INTEGER,
    UNIQUE (workspace, id)
) STRICT;
CREATE UNIQUE INDEX internal_users_email ON internal_users (workspace, email_key) WHERE removed_at IS NULL;

CREATE TABLE companies (
    seq            INTEGER PRIMARY KEY,
    workspace      INTEGER NOT NULL REFERENCES workspaces (seq),
    id             BLOB NOT NULL CHECK (length(id) = 16),
    name           TEXT NOT NULL,
    name_key       TEXT NOT NULL,
    is_placeholder INTEGER NOT NULL DEFAULT 0 CHECK (is_placeholder IN (0, 1)), -- made for a client without one
    fallback_color TEXT NOT NULL,
    created_at     INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL,
    UNIQUE (workspace, id)
) STRICT;
CREATE UNIQUE INDEX companies_name ON companies (workspace, name_key) WHERE is_placeholder = 0;

-- Only these companies exist for a limited member of staff.
CREATE TABLE internal_user_companies (
    workspace     INTEGER NOT NULL REFERENCES workspaces (seq),
    internal_user INTEGER NOT NULL REFERENCES internal_users (seq) ON DELETE CASCADE,
    company       INTEGER NOT NULL REFERENCES companies (seq) ON DELETE CASCADE,
    PRIMARY KEY (workspace, internal_user, company)
) STRICT, WITHOUT ROWID;
CREATE INDEX internal_user_companies_by_company ON internal_user_companies (company);

-- Columns that end in _key are the folded twins of what they are named after: searched and unique.
CREATE TABLE clients (
    seq              INTEGER PRIMARY KEY,
    workspace        INTEGER NOT NULL REFERENCES workspaces (seq),
    id               BLOB NOT NULL CHECK (length(id) = 16),
    login            INTEGER REFERENCES logins (seq),
    given_name       TEXT NOT NULL,
    given_key        TEXT NOT NULL,
    family_name      TEXT NOT NULL,
    family_key       TEXT NOT NULL,
    email            TEXT,                     -- contact address, changed by staff; never a proven login
    email_key        TEXT,
    phone            TEXT,
    position         TEXT,
    status           INTEGER NOT NULL DEFAULT 0 CHECK (status IN (0, 1, 2)), -- notInvited, invited, active
    creation_method  INTEGER NOT NULL CHECK (creation_method IN (0, 1, 2, 3)), -- internalUser, client, directSignUp, import
    avatar_url       TEXT,
    fallback_color   TEXT NOT NULL,
    account_manager  BLOB,                     -- id of an internal user
    tags             TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(tags)),
    custom_fields    TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(custom_fields)),
    company_ids      BLOB NOT NULL DEFAULT x'', -- ids of its companies, 16 bytes each, in the order of joining: kept with memberships
    first_login_at   INTEGER,
    last_login_at    INTEGER,
    last_activity_at INTEGER,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    archived_at      INTEGER,
    CHECK ((email IS NULL) = (email_key IS NULL)),
    UNIQUE (workspace, id)
) STRICT;
CREATE UNIQUE INDEX clients_email ON clients (workspace, email_key) WHERE archived_at IS NULL AND email_key IS NOT NULL;
CREATE INDEX clients_newest ON clients (workspace, seq) WHERE archived_at IS NULL;
CREATE INDEX clients_given ON clients (workspace, given_key, seq) WHERE archived_at IS NULL;
CREATE INDEX clients_family ON clients (workspace, family_key, given_key, seq) WHERE archived_at IS NULL;
CREATE INDEX clients_manager ON clients (workspace, account_manager) WHERE account_manager IS NOT NULL;
CREATE INDEX clients_login ON clients (login) WHERE login IS NOT NULL;

CREATE TRIGGER clients_count_insert AFTER INSERT ON clients WHEN NEW.archived_at IS NULL
BEGIN UPDATE workspaces SET client_count = client_count + 1 WHERE seq = NEW.workspace; END;
CREATE TRIGGER clients_count_archive AFTER UPDATE OF archived_at ON clients
WHEN (OLD.archived_at IS NULL) <> (NEW.archived_at IS NULL)
BEGIN UPDATE workspaces SET client_count = client_count + (CASE WHEN NEW.archived_at IS NULL THEN 1 ELSE -1 END)
    WHERE seq = NEW.workspace; END;
CREATE TRIGGER clients_count_delete AFTER DELETE ON clients WHEN OLD.archived_at IS NULL
BEGIN UPDATE workspaces SET client_count = client_count - 1 WHERE seq = OLD.workspace; END;

CREATE TABLE memberships (
    workspace  INTEGER NOT NULL REFERENCES workspaces (seq),
    client     INTEGER NOT NULL REFERENCES clients (seq) ON DELETE CASCADE,
    company    INTEGER NOT NULL REFERENCES companies (seq) ON DELETE CASCADE,
    role       TEXT NOT NULL DEFAULT 'member',
    created_at INTEGER NOT NULL,
    PRIMARY KEY (workspace, client, company)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX memberships_by_company ON memberships (workspace, company, client);

-- Definitions of the fields that a workspace adds to its clients and companies.
CREATE TABLE custom_fields (
    seq        INTEGER PRIMARY KEY,
    workspace  INTEGER NOT NULL REFERENCES workspaces (seq),
    id         BLOB NOT NULL CHECK (length(id) = 16),
    entity     TEXT NOT NULL CHECK (entity IN ('client', 'company')),
    key        TEXT NOT NULL,                  -- name in customFields
    name       TEXT NOT NULL,
    type       TEXT NOT NULL CHECK (type IN ('text', 'email', 'url', 'number', 'phoneNumber', 'address', 'multiSelect')),
    place      INTEGER NOT NULL,               -- order of display
    options    TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(options)), -- of multiSelect: [{id, key, label, color}]
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (workspace, id),
    UNIQUE (workspace, entity, key)
) STRICT;
