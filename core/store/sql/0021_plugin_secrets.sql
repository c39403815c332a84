-- Settings of plugins that are secrets: written, used, and never read again. What is kept is sealed with a key derived from
-- the server's (store/plugin_secret.c), bound to its workspace, plugin and name, so that a row put elsewhere opens nowhere.
-- They have no versions: a secret that was replaced must not come back.

CREATE TABLE plugin_secrets (
    workspace  INTEGER NOT NULL REFERENCES workspaces (seq),
    plugin     TEXT NOT NULL CHECK (length(plugin) BETWEEN 1 AND 64), -- as in plugin_settings
    name       TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 64),   -- of the setting
    sealed     BLOB NOT NULL CHECK (length(sealed) BETWEEN 41 AND 8232), -- nonce (24), text (1 to 8192), tag (16)
    key_mark   BLOB NOT NULL CHECK (length(key_mark) = 8), -- tells which server key it is, and nothing of it
    actor_kind TEXT NOT NULL,                              -- who set it
    actor_id   BLOB,
    set_at     INTEGER NOT NULL,
    PRIMARY KEY (workspace, plugin, name)
) STRICT, WITHOUT ROWID;

-- Threads keep them with what was chosen (0017).
CREATE TRIGGER plugin_secrets_insert AFTER INSERT ON plugin_secrets
BEGIN UPDATE workspaces SET plugins_version = plugins_version + 1 WHERE seq = NEW.workspace; END;
CREATE TRIGGER plugin_secrets_update AFTER UPDATE ON plugin_secrets
BEGIN UPDATE workspaces SET plugins_version = plugins_version + 1 WHERE seq = NEW.workspace; END;
CREATE TRIGGER plugin_secrets_delete AFTER DELETE ON plugin_secrets
BEGIN UPDATE workspaces SET plugins_version = plugins_version + 1 WHERE seq = OLD.workspace; END;
