-- Jobs of scripts: when each is due next in each workspace. A run is a delivery of its own event, job.due.
CREATE TABLE jobs (
    workspace  INTEGER NOT NULL REFERENCES workspaces (seq),
    plugin     TEXT NOT NULL,
    name       TEXT NOT NULL,
    schedule   TEXT NOT NULL,                  -- as its script gives it: another one is planned anew,
    zone       TEXT NOT NULL,                  -- and so is that of another time zone
    next_at    INTEGER NOT NULL,
    ran_at     INTEGER,                        -- when its newest run was due
    PRIMARY KEY (workspace, plugin, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX jobs_due ON jobs (next_at);
CREATE INDEX jobs_by_name ON jobs (plugin, name);
