-- Channels of messages: where staff and clients write to each other. An individual channel is of one
-- client; a group is of some clients of one company; a company channel is of all of its clients, and has
-- no rows of members: the memberships say who is in it.

-- Which channel is made with a new client: none, individual, company.
ALTER TABLE workspaces ADD COLUMN default_channel INTEGER NOT NULL DEFAULT 1 CHECK (default_channel IN (0, 1, 2));

CREATE TABLE message_channels (
    seq             INTEGER PRIMARY KEY,
    workspace       INTEGER NOT NULL REFERENCES workspaces (seq),
    id              BLOB NOT NULL CHECK (length(id) = 16),
    kind            INTEGER NOT NULL CHECK (kind IN (0, 1, 2)), -- individual, group, company
    client          INTEGER REFERENCES clients (seq) ON DELETE CASCADE,   -- of an individual channel
    company         INTEGER REFERENCES companies (seq) ON DELETE CASCADE, -- of the others
    member_ids      BLOB NOT NULL DEFAULT x'', -- of a group: ids, 16 bytes each, sorted; kept with message_channel_members
    members_hash    BLOB CHECK (length(members_hash) = 32), -- of a group: SHA-256 of member_ids
    is_twin         INTEGER NOT NULL DEFAULT 0 CHECK (is_twin IN (0, 1)), -- got the members of another group when one of its own left
    last_message_at INTEGER NOT NULL DEFAULT 0, -- 0: none yet
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    CHECK ((kind = 0) = (client IS NOT NULL)),
    CHECK ((kind = 0) = (company IS NULL)),
    CHECK ((kind = 1) = (members_hash IS NOT NULL)),
    CHECK (kind = 1 OR (member_ids = x'' AND is_twin = 0)),
    UNIQUE (workspace, id),
    UNIQUE (workspace, seq, company)
) STRICT;
-- One channel a client, one a company, one a set of members. Numbers of clients and companies are the
-- server's, so these indexes need no workspace; what deletes a client or company finds its channels by them.
CREATE UNIQUE INDEX message_channels_client ON message_channels (client) WHERE client IS NOT NULL;
CREATE UNIQUE INDEX message_channels_company ON message_channels (company) WHERE kind = 2;
CREATE UNIQUE INDEX message_channels_members ON message_channels (company, members_hash) WHERE kind = 1 AND is_twin = 0;
CREATE INDEX message_channels_of_company ON message_channels (company, members_hash) WHERE company IS NOT NULL;
CREATE INDEX message_channels_of_kind ON message_channels (workspace, kind, seq);
CREATE INDEX message_channels_newest ON message_channels (workspace, last_message_at, seq);

-- Members of groups. That all are of the company of the group is what the two keys say; who leaves the
-- company leaves the group.
CREATE TABLE message_channel_members (
    workspace INTEGER NOT NULL,
    channel   INTEGER NOT NULL,
    client    INTEGER NOT NULL,
    company   INTEGER NOT NULL,
    client_id BLOB NOT NULL CHECK (length(client_id) = 16),
    PRIMARY KEY (workspace, channel, client),
    FOREIGN KEY (workspace, channel, company) REFERENCES message_channels (workspace, seq, company) ON DELETE CASCADE,
    FOREIGN KEY (workspace, client, company) REFERENCES memberships (workspace, client, company) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX message_channel_members_by_client ON message_channel_members (workspace, client, company);

-- Somebody archived is in no group, and nobody is in so many that archiving him would take long.
CREATE TRIGGER message_channel_members_live BEFORE INSERT ON message_channel_members
WHEN (SELECT archived_at FROM clients WHERE seq = NEW.client) IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'client_archived'); END;
CREATE TRIGGER message_channel_members_limit BEFORE INSERT ON message_channel_members
WHEN (SELECT count(*) FROM message_channel_members WHERE workspace = NEW.workspace AND client = NEW.client) >= 200
BEGIN SELECT RAISE(ABORT, 'too_many_groups'); END;

-- A group that is left by somebody stays, and stays apart from a group that already has the members it
-- is left with: each has its own history. (An edit sets member_ids first, so that nothing is done here.)
CREATE TRIGGER message_channel_members_leave AFTER DELETE ON message_channel_members
BEGIN
    UPDATE message_channels SET
        member_ids = ids_without(member_ids, OLD.client_id),
        members_hash = sha256(ids_without(member_ids, OLD.client_id)),
        is_twin = EXISTS (SELECT 1 FROM message_channels o WHERE o.company = OLD.company AND o.kind = 1
            AND o.is_twin = 0 AND o.members_hash = sha256(ids_without(message_channels.member_ids, OLD.client_id)))
    WHERE seq = OLD.channel AND has_id(member_ids, OLD.client_id);
END;
CREATE TRIGGER message_channel_members_archive AFTER UPDATE OF archived_at ON clients WHEN NEW.archived_at IS NOT NULL
BEGIN DELETE FROM message_channel_members WHERE workspace = NEW.workspace AND client = NEW.seq; END;
-- Before its memberships go: otherwise each group would be left one by one.
CREATE TRIGGER message_channels_of_company_go BEFORE DELETE ON companies
BEGIN DELETE FROM message_channels WHERE company = OLD.seq; END;
