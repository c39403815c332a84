-- Makes @clients of the clients that are there, for lib/data.mjs: each one again under other ids and
-- another address, with a placeholder company of its own.
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -1000000;
PRAGMA temp_store = MEMORY;
BEGIN;

-- Who is copied, and the distance from a number to that of its next copy.
CREATE TEMP TABLE source AS SELECT c.seq AS client, m.company AS company, row_number() OVER (ORDER BY c.seq) AS place
    FROM clients c JOIN memberships m ON m.workspace = c.workspace AND m.client = c.seq
    JOIN companies p ON p.seq = m.company AND p.is_placeholder WHERE c.archived_at IS NULL GROUP BY c.seq;
CREATE TEMP TABLE step AS SELECT (SELECT max(seq) FROM clients) AS client, (SELECT max(seq) FROM companies) AS company,
    (SELECT count(*) FROM source) AS sources;
-- An id keeps its time and becomes another behind it.
CREATE TEMP TABLE twin AS
    WITH RECURSIVE turn (k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM turn, step WHERE (k + 1) * sources < @clients)
    SELECT turn.k AS k, s.client AS of_client, s.company AS of_company, s.client + turn.k * step.client AS client,
        s.company + turn.k * step.company AS company,
        CAST(substr(c.id, 1, 9) || randomblob(7) AS BLOB) AS client_id,
        CAST(substr(p.id, 1, 9) || randomblob(7) AS BLOB) AS company_id
    FROM turn CROSS JOIN step CROSS JOIN source s JOIN clients c ON c.seq = s.client JOIN companies p ON p.seq = s.company
    WHERE turn.k * step.sources + s.place <= @clients ORDER BY turn.k, s.client;

INSERT INTO companies (seq, workspace, id, name, name_key, is_placeholder, fallback_color, created_at, updated_at)
    SELECT t.company, p.workspace, t.company_id, p.name, p.name_key, 1, p.fallback_color, p.created_at, p.updated_at
    FROM twin t JOIN companies p ON p.seq = t.of_company ORDER BY t.rowid;
INSERT INTO clients (seq, workspace, id, given_name, given_key, family_name, family_key, email, email_key, status,
    creation_method, fallback_color, tags, custom_fields, company_ids, created_at, updated_at)
    SELECT t.client, c.workspace, t.client_id, c.given_name, c.given_key, c.family_name, c.family_key,
        t.k || '.' || c.email, t.k || '.' || c.email_key, c.status, c.creation_method, c.fallback_color, c.tags, c.custom_fields,
        t.company_id, c.created_at, c.updated_at
    FROM twin t JOIN clients c ON c.seq = t.of_client ORDER BY t.rowid;
INSERT INTO memberships (workspace, client, company, created_at)
    SELECT c.workspace, t.client, t.company, c.created_at FROM twin t JOIN clients c ON c.seq = t.client ORDER BY t.rowid;

-- The index of texts, as core/store makes it.
INSERT INTO clients_text (rowid, text)
    SELECT c.workspace << 40 | c.seq, c.given_key || ' ' || c.family_key || ' ' || coalesce(c.email_key, '') || ' ' ||
        coalesce(c.phone, '')
    FROM twin t JOIN clients c ON c.seq = t.client ORDER BY c.seq;
UPDATE search_state SET clients_watermark = (SELECT max(seq) FROM clients);
COMMIT;
PRAGMA journal_mode = WAL;
