-- What a company says of itself, and the indexes by which companies are listed, found and deleted.

ALTER TABLE companies ADD COLUMN icon_url TEXT;
ALTER TABLE companies ADD COLUMN description TEXT;
ALTER TABLE companies ADD COLUMN website TEXT;
ALTER TABLE companies ADD COLUMN address TEXT;
ALTER TABLE companies ADD COLUMN account_manager BLOB;   -- id of an internal user
ALTER TABLE companies ADD COLUMN tags TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(tags));
ALTER TABLE companies ADD COLUMN custom_fields TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(custom_fields));

-- A page newest first, and what a search looks at: it walks this index alone, and needs rows only for
-- what it finds (a word that is in none of 100,000 names: 17 ms, on a reader thread). So no index of
-- texts has to be kept for companies, of which most may be placeholders.
CREATE INDEX companies_newest ON companies (workspace, seq, name_key, is_placeholder);
CREATE INDEX companies_by_name ON companies (workspace, name_key, seq);
-- The few that are no placeholders, among the many that are.
CREATE INDEX companies_real ON companies (workspace, seq) WHERE is_placeholder = 0;
CREATE INDEX companies_real_by_name ON companies (workspace, name_key, seq) WHERE is_placeholder = 0;
CREATE INDEX companies_manager ON companies (workspace, account_manager) WHERE account_manager IS NOT NULL;

-- Without the workspace in front, for a company that is deleted looks for its memberships by its number
-- alone: it would walk all of them. A number is of one workspace.
DROP INDEX memberships_by_company;
CREATE UNIQUE INDEX memberships_by_company ON memberships (company, client);
