-- What refers to a row that is deleted is found by an index, not by a walk through its whole table: a client
-- that goes for good looks for its memberships and invites, a login that becomes one with another looks for
-- its sessions. Each looks by one number alone, which is the server's, so these keys begin without the workspace.

CREATE INDEX memberships_by_client ON memberships (client);

DROP INDEX invites_by_client;
CREATE INDEX invites_by_client ON invites (client, seq) WHERE client IS NOT NULL;

-- Also those that ended: they refer to the login as long as they are kept.
DROP INDEX sessions_by_login;
CREATE INDEX sessions_by_login ON sessions (login, ended_at);
