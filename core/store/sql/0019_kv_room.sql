-- What keeps an entry for each client needs more room than 10,000 entries.

DROP TRIGGER kv_added;
DROP TRIGGER kv_changed;
DROP TRIGGER kv_removed;

CREATE TABLE kv_room (
    workspace INTEGER NOT NULL REFERENCES workspaces (seq),
    plugin    TEXT NOT NULL,
    entries   INTEGER NOT NULL DEFAULT 0,
    bytes     INTEGER NOT NULL DEFAULT 0,      -- of keys and values
    versions  INTEGER NOT NULL DEFAULT 0,      -- the last one that was given
    PRIMARY KEY (workspace, plugin),
    CONSTRAINT kv_full CHECK (entries <= 1000000 AND bytes <= 268435456)
) STRICT, WITHOUT ROWID;
INSERT INTO kv_room SELECT workspace, plugin, entries, bytes, versions FROM kv_sizes;
DROP TABLE kv_sizes;
ALTER TABLE kv_room RENAME TO kv_sizes;

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
