-- What was sent to endpoints of webhooks: a delivery whose handler is "endpoint:ID" (store/webhook_work.h), and a row
-- here for each of its tries. They go with the delivery.
CREATE TABLE webhook_attempts (
    seq        INTEGER PRIMARY KEY,
    workspace  INTEGER NOT NULL REFERENCES workspaces (seq),
    endpoint   BLOB NOT NULL CHECK (length(endpoint) = 16), -- its id: it may be gone
    delivery   INTEGER NOT NULL REFERENCES deliveries (seq) ON DELETE CASCADE,
    at         INTEGER NOT NULL,               -- when it ended
    took_ms    INTEGER NOT NULL,               -- from the first byte that went out; 0: none did
    status     INTEGER,                        -- HTTP; NULL: there was no answer
    answer     TEXT,                           -- its first characters
    error      TEXT                            -- why it failed; NULL: it was taken
) STRICT;
CREATE INDEX webhook_attempts_newest ON webhook_attempts (workspace, endpoint, seq);
CREATE INDEX webhook_attempts_of ON webhook_attempts (delivery);

-- Endpoints are found by what deliveries say, in all workspaces; of a paused one only tests are sent.
CREATE UNIQUE INDEX webhook_endpoints_by_id ON webhook_endpoints (id);
CREATE INDEX deliveries_tests ON deliveries (plugin, handler, due_at) WHERE due_at IS NOT NULL AND event = 'webhook.test';

-- The member of staff who is told when it is paused: who made it, himself or by a key of his.
ALTER TABLE webhook_endpoints ADD COLUMN contact BLOB CHECK (contact IS NULL OR length(contact) = 16);
