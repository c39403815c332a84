-- Clients are found by the names of their companies, too. Only companies that are no placeholders are
-- indexed: a placeholder has the name of its client. There are few of them and they seldom change, so this
-- index is kept in the transaction that changes them, other than that of clients.
-- rowid = workspace << 40 | seq, as in clients_text.
CREATE VIRTUAL TABLE companies_text USING fts5 (name, tokenize = 'trigram case_sensitive 1', detail = 'full');
INSERT INTO companies_text (rowid, name) SELECT workspace << 40 | seq, name_key FROM companies WHERE is_placeholder = 0;

CREATE TRIGGER companies_text_insert AFTER INSERT ON companies WHEN NEW.is_placeholder = 0
BEGIN INSERT INTO companies_text (rowid, name) VALUES (NEW.workspace << 40 | NEW.seq, NEW.name_key); END;
CREATE TRIGGER companies_text_update AFTER UPDATE OF name_key, is_placeholder ON companies
WHEN OLD.name_key <> NEW.name_key OR OLD.is_placeholder <> NEW.is_placeholder
BEGIN
    DELETE FROM companies_text WHERE rowid = OLD.workspace << 40 | OLD.seq;
    INSERT INTO companies_text (rowid, name)
    SELECT NEW.workspace << 40 | NEW.seq, NEW.name_key WHERE NEW.is_placeholder = 0;
END;
CREATE TRIGGER companies_text_delete AFTER DELETE ON companies WHEN OLD.is_placeholder = 0
BEGIN DELETE FROM companies_text WHERE rowid = OLD.workspace << 40 | OLD.seq; END;
