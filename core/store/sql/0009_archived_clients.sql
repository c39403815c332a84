-- The archive of a workspace is listed newest first and looked up by address, whatever is beside it.
CREATE INDEX clients_archived ON clients (workspace, seq) WHERE archived_at IS NOT NULL;
CREATE INDEX clients_archived_email ON clients (workspace, email_key) WHERE archived_at IS NOT NULL AND email_key IS NOT NULL;
