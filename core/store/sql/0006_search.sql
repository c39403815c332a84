-- Full-text index of clients, kept outside of the commit path: a job of the writer indexes what is
-- above the watermark and what is dirty; a search adds a scan of those few rows.
-- rowid = workspace << 40 | seq, so that a range constraint keeps each tenant to its own rows.
CREATE VIRTUAL TABLE clients_text USING fts5 (text, tokenize = 'trigram case_sensitive 1', detail = 'full');

CREATE TABLE search_state (
    one               INTEGER PRIMARY KEY CHECK (one = 1),
    clients_watermark INTEGER NOT NULL         -- clients.seq up to which the index is complete
) STRICT;
INSERT INTO search_state (one, clients_watermark) VALUES (1, 0);

-- Rows at or below the watermark that changed since they were indexed.
CREATE TABLE clients_dirty (
    workspace INTEGER NOT NULL,
    client    INTEGER NOT NULL,
    PRIMARY KEY (workspace, client)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER clients_dirty_update AFTER UPDATE OF given_key, family_key, email_key, phone, archived_at ON clients
WHEN OLD.seq <= (SELECT clients_watermark FROM search_state)
BEGIN INSERT OR IGNORE INTO clients_dirty (workspace, client) VALUES (OLD.workspace, OLD.seq); END;
CREATE TRIGGER clients_dirty_delete AFTER DELETE ON clients
WHEN OLD.seq <= (SELECT clients_watermark FROM search_state)
BEGIN INSERT OR IGNORE INTO clients_dirty (workspace, client) VALUES (OLD.workspace, OLD.seq); END;
-- SQLite gives the number of a deleted newest row again: such a row is below the watermark from birth.
CREATE TRIGGER clients_dirty_insert AFTER INSERT ON clients
WHEN NEW.seq <= (SELECT clients_watermark FROM search_state)
BEGIN INSERT OR IGNORE INTO clients_dirty (workspace, client) VALUES (NEW.workspace, NEW.seq); END;
