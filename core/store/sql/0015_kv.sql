-- What scripts and plugins keep: small values under a name, each plugin's apart, each workspace's apart.

CREATE TABLE kv (
    workspace  INTEGER NOT NULL REFERENCES workspaces (seq),
    plugin     TEXT NOT NULL,                  -- "house_rules.lua", or the id of a folder
    key        TEXT NOT NULL CHECK (length(CAST(key AS BLOB)) BETWEEN 1 AND 200),
    value      TEXT NOT NULL CHECK (length(CAST(value AS BLOB)) <= 65536), -- JSON
    version    INTEGER NOT NULL,               -- of the entry: grows with each change, never comes again
    expires_at INTEGER,                        -- NULL: never
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (workspace, plugin, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX kv_expiring ON kv (expires_at) WHERE expires_at IS NOT NULL;

-- How much one plugin keeps in one workspace; kept by triggers. versions: the last one that was given.
CREATE TABLE kv_sizes (
    workspace INTEGER NOT NULL REFERENCES workspaces (seq),
    plugin    TEXT NOT NULL,
    entries   INTEGER NOT NULL DEFAULT 0,
    bytes     INTEGER NOT NULL DEFAULT 0,      -- of keys and values
    versions  INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (workspace, plugin),
    CONSTRAINT kv_full CHECK (entries <= 10000 AND bytes <= 16777216)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER kv_added AFTER INSERT ON kv BEGIN
    UPDATE kv_sizes
    SET entries = entries + 1,
        bytes = bytes + length(CAST(new.key AS BLOB)) + length(CAST(new.value AS BLOB))
    WHERE workspace = new.workspace AND plugin = new.plugin;
END;
CREATE TRIGGER kv_changed AFTER UPDATE OF value ON kv BEGIN
    UPDATE kv_sizes
    SET bytes = bytes + length(CAST(new.value AS BLOB)) - length(CAST(old.value AS BLOB))
    WHERE workspace = new.workspace AND plugin = new.plugin;
END;
CREATE TRIGGER kv_removed AFTER DELETE ON kv BEGIN
    UPDATE kv_sizes
    SET entries = entries - 1,
        bytes = bytes - length(CAST(old.key AS BLOB)) - length(CAST(old.value AS BLOB))
    WHERE workspace = old.workspace AND plugin = old.plugin;
END;
