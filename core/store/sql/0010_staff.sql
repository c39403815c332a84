-- Staff are created, invited and removed over HTTP; roles are edited; the last owner stays.

-- A removed role keeps its row, for whoever held it and is gone; its name is free again, because
-- name_key becomes the id, which no name folds to.
ALTER TABLE roles ADD COLUMN description TEXT;
ALTER TABLE roles ADD COLUMN is_preset INTEGER NOT NULL DEFAULT 0 CHECK (is_preset IN (0, 1)); -- came with the workspace
ALTER TABLE roles ADD COLUMN removed_at INTEGER;
UPDATE roles SET is_preset = 1; -- until now there were no others, and nobody could change them

-- Permissions that came with this version. (The role of owners holds all, whatever stands in its row.)
UPDATE roles SET permissions = json_insert(permissions, '$[#]', 'manage_api_keys')
    WHERE name IN ('Owner', 'Admin', 'Admin without billing');
UPDATE roles SET permissions = json_insert(permissions, '$[#]', 'view_assigned_clients')
    WHERE name IN ('Owner', 'Admin');
UPDATE roles SET permissions = replace(permissions, '"view_clients"', '"view_assigned_clients"')
    WHERE name = 'Staff of assigned clients only';

CREATE TRIGGER roles_owner_fixed BEFORE UPDATE OF is_owner, removed_at ON roles
WHEN OLD.is_preset = 1 AND OLD.is_owner = 1 AND (NEW.is_owner = 0 OR NEW.removed_at IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'owner_role_fixed'); END;
CREATE TRIGGER roles_in_use BEFORE UPDATE OF removed_at ON roles
WHEN NEW.removed_at IS NOT NULL AND EXISTS (SELECT 1 FROM internal_users u
    WHERE u.workspace = NEW.workspace AND u.role = NEW.seq AND u.removed_at IS NULL)
BEGIN SELECT RAISE(ABORT, 'role_in_use'); END;

ALTER TABLE internal_users ADD COLUMN status INTEGER NOT NULL DEFAULT 0 CHECK (status IN (0, 1, 2)); -- notInvited, invited, active
-- Folded twins. Of names that are there already lower() is near enough: they get theirs with their next change.
ALTER TABLE internal_users ADD COLUMN given_key TEXT NOT NULL DEFAULT '';
ALTER TABLE internal_users ADD COLUMN family_key TEXT NOT NULL DEFAULT '';
UPDATE internal_users SET given_key = lower(given_name), family_key = lower(family_name),
    status = CASE WHEN first_login_at IS NULL THEN 0 ELSE 2 END;
CREATE INDEX internal_users_role ON internal_users (workspace, role) WHERE removed_at IS NULL;
CREATE INDEX internal_users_login ON internal_users (login) WHERE login IS NOT NULL;
CREATE INDEX api_keys_owner ON api_keys (workspace, internal_user) WHERE internal_user IS NOT NULL;
CREATE TRIGGER internal_users_role_there BEFORE UPDATE OF role ON internal_users
WHEN EXISTS (SELECT 1 FROM roles r WHERE r.seq = NEW.role AND (r.removed_at IS NOT NULL OR r.workspace <> NEW.workspace))
BEGIN SELECT RAISE(ABORT, 'role_gone'); END;
CREATE TRIGGER internal_users_role_new BEFORE INSERT ON internal_users
WHEN EXISTS (SELECT 1 FROM roles r WHERE r.seq = NEW.role AND (r.removed_at IS NOT NULL OR r.workspace <> NEW.workspace))
BEGIN SELECT RAISE(ABORT, 'role_gone'); END;

-- Owners who can sign in: staff with a login, not removed, whose role owns the workspace. One who was
-- invited and never came does not count. NULL until there was a first one; from then on one stays.
ALTER TABLE workspaces ADD COLUMN owner_count INTEGER CONSTRAINT last_owner CHECK (owner_count >= 1);
UPDATE workspaces SET owner_count = (SELECT nullif(count(*), 0) FROM internal_users u JOIN roles r ON r.seq = u.role
    WHERE u.workspace = workspaces.seq AND r.is_owner = 1 AND u.removed_at IS NULL AND u.login IS NOT NULL);
CREATE TRIGGER owners_insert AFTER INSERT ON internal_users
WHEN NEW.login IS NOT NULL AND NEW.removed_at IS NULL AND (SELECT is_owner FROM roles WHERE seq = NEW.role)
BEGIN UPDATE workspaces SET owner_count = coalesce(owner_count, 0) + 1 WHERE seq = NEW.workspace; END;
CREATE TRIGGER owners_update AFTER UPDATE OF role, login, removed_at ON internal_users
WHEN (OLD.login IS NOT NULL AND OLD.removed_at IS NULL AND (SELECT is_owner FROM roles WHERE seq = OLD.role))
  <> (NEW.login IS NOT NULL AND NEW.removed_at IS NULL AND (SELECT is_owner FROM roles WHERE seq = NEW.role))
BEGIN UPDATE workspaces SET owner_count = coalesce(owner_count, 0)
    + CASE WHEN NEW.login IS NOT NULL AND NEW.removed_at IS NULL AND (SELECT is_owner FROM roles WHERE seq = NEW.role)
      THEN 1 ELSE -1 END WHERE seq = NEW.workspace; END;
CREATE TRIGGER owners_delete AFTER DELETE ON internal_users
WHEN OLD.login IS NOT NULL AND OLD.removed_at IS NULL AND (SELECT is_owner FROM roles WHERE seq = OLD.role)
BEGIN UPDATE workspaces SET owner_count = owner_count - 1 WHERE seq = OLD.workspace; END;
CREATE TRIGGER owners_role AFTER UPDATE OF is_owner ON roles
WHEN OLD.is_owner <> NEW.is_owner AND EXISTS (SELECT 1 FROM internal_users u WHERE u.workspace = NEW.workspace
    AND u.role = NEW.seq AND u.removed_at IS NULL AND u.login IS NOT NULL)
BEGIN UPDATE workspaces SET owner_count = coalesce(owner_count, 0) + (NEW.is_owner - OLD.is_owner)
    * (SELECT count(*) FROM internal_users u WHERE u.workspace = NEW.workspace
       AND u.role = NEW.seq AND u.removed_at IS NULL AND u.login IS NOT NULL)
    WHERE seq = NEW.workspace; END;

-- An invite is of a client or of a member of staff. The table is made anew, because a column cannot
-- lose its NOT NULL; nothing refers to its rows by seq.
CREATE TABLE invites_of_people (
    seq           INTEGER PRIMARY KEY,
    workspace     INTEGER NOT NULL REFERENCES workspaces (seq),
    id            BLOB NOT NULL CHECK (length(id) = 16),
    client        INTEGER REFERENCES clients (seq) ON DELETE CASCADE,
    internal_user INTEGER REFERENCES internal_users (seq) ON DELETE CASCADE,
    email         TEXT NOT NULL,               -- where it went when it was made
    message       TEXT,                        -- personal words of the inviter
    inviter_kind  TEXT NOT NULL,
    inviter_id    BLOB,
    inviter_name  TEXT,
    mailed        INTEGER NOT NULL DEFAULT 0,  -- how many mails were owed for it
    mail          INTEGER,                     -- newest mail: mails.seq
    created_at    INTEGER NOT NULL,
    expires_at    INTEGER NOT NULL,
    accepted_at   INTEGER,
    cancelled_at  INTEGER,
    UNIQUE (workspace, id),
    CONSTRAINT invite_of_one_person CHECK ((client IS NULL) <> (internal_user IS NULL))
) STRICT;
INSERT INTO invites_of_people (seq, workspace, id, client, email, message, inviter_kind, inviter_id, inviter_name,
    mailed, mail, created_at, expires_at, accepted_at, cancelled_at)
    SELECT seq, workspace, id, client, email, message, inviter_kind, inviter_id, inviter_name,
    mailed, mail, created_at, expires_at, accepted_at, cancelled_at FROM invites;
DROP TABLE invites;
ALTER TABLE invites_of_people RENAME TO invites;
-- One open invitation a person: a second call resends the first.
CREATE UNIQUE INDEX invites_open ON invites (workspace, client) WHERE accepted_at IS NULL AND cancelled_at IS NULL;
CREATE UNIQUE INDEX invites_open_staff ON invites (workspace, internal_user) WHERE accepted_at IS NULL AND cancelled_at IS NULL;
CREATE INDEX invites_by_client ON invites (workspace, client, seq);
CREATE INDEX invites_by_staff ON invites (workspace, internal_user, seq) WHERE internal_user IS NOT NULL;
