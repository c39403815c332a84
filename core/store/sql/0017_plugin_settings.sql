-- What a workspace chose for a plugin: whether it is asked there, and its settings. Which plugins there are, and which
-- settings they have, is no business of the database: rows of a plugin that is gone stay until it comes back.

CREATE TABLE plugin_settings (
    workspace  INTEGER NOT NULL REFERENCES workspaces (seq),
    plugin     TEXT NOT NULL CHECK (length(plugin) BETWEEN 1 AND 64), -- "channel_policy.lua"; of folders the manifest's id
    is_enabled INTEGER NOT NULL CHECK (is_enabled IN (0, 1)),
    settings   TEXT NOT NULL CHECK (json_type(settings) = 'object' AND length(settings) <= 65536), -- those that are not left at their default
    version    INTEGER NOT NULL CHECK (version >= 1),      -- grows with each change
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (workspace, plugin)
) STRICT, WITHOUT ROWID;

-- What was chosen, when, and by whom; version 0 is what the plugin declares. The newest 100 of each plugin are kept.
CREATE TABLE plugin_setting_revisions (
    workspace  INTEGER NOT NULL REFERENCES workspaces (seq),
    plugin     TEXT NOT NULL,
    version    INTEGER NOT NULL CHECK (version >= 1),
    is_enabled INTEGER NOT NULL CHECK (is_enabled IN (0, 1)),
    settings   TEXT NOT NULL CHECK (json_type(settings) = 'object'),
    back_to    INTEGER CHECK (back_to < version),          -- the version that was put back; NULL: chosen anew
    actor_kind TEXT NOT NULL,
    actor_id   BLOB,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (workspace, plugin, version)
) STRICT, WITHOUT ROWID;

-- Threads keep what they read by this number: it changes with each row, whoever writes it. 0: nothing was ever chosen.
ALTER TABLE workspaces ADD COLUMN plugins_version INTEGER NOT NULL DEFAULT 0;
CREATE TRIGGER plugin_settings_insert AFTER INSERT ON plugin_settings
BEGIN UPDATE workspaces SET plugins_version = plugins_version + 1 WHERE seq = NEW.workspace; END;
CREATE TRIGGER plugin_settings_update AFTER UPDATE ON plugin_settings
BEGIN UPDATE workspaces SET plugins_version = plugins_version + 1 WHERE seq = NEW.workspace; END;
CREATE TRIGGER plugin_settings_delete AFTER DELETE ON plugin_settings
BEGIN UPDATE workspaces SET plugins_version = plugins_version + 1 WHERE seq = OLD.workspace; END;

-- The permission that came with it. (The role of owners holds all, whatever stands in its row.)
UPDATE roles SET permissions = json_insert(permissions, '$[#]', 'manage_plugins')
    WHERE is_preset = 1 AND name IN ('Owner', 'Admin', 'Admin without billing');
