// Seal: the audit chain in the background, as core/store/record.c makes it.
import crypto from "node:crypto";

const UNSEALED = `SELECT a.workspace, a.seq, a.action, a.entity, a.entity_id, a.actor_kind, a.actor_id,
  a.behalf_kind, a.behalf_id, a.road, a.peer, a.request_id, a.created_at, a.salt, a.detail,
  (SELECT b.seal FROM audit b WHERE b.workspace = a.workspace AND b.seq = a.seq - 1)
  FROM audit a WHERE a.seal IS NULL ORDER BY a.workspace, a.seq LIMIT ?`;
const SEAL = "UPDATE audit SET seal = ?, detail_hash = ? WHERE workspace = ? AND seq = ?";
const statements = new WeakMap();

// At most so many, in the transaction that is open.
export function seal(db, most) {
  if (!statements.has(db)) statements.set(db, { unsealed: db.prepare(UNSEALED).raw(), seal: db.prepare(SEAL) });
  const { unsealed, seal: update } = statements.get(db);
  let before = null;

  for (const row of unsealed.all(most)) {
    const detail = hash([row[13], row[14]]);

    before = chain(before ?? row[15], row, detail);
    update.run(before, detail, row[0], row[1]);
  }
}

function chain(before, row, detail) {
  const parts = before ? [before] : [];

  for (const value of row.slice(0, 13)) {
    const bytes = value === null ? Buffer.alloc(0) : Buffer.isBuffer(value) ? value : Buffer.from(String(value));

    parts.push(`${bytes.length}:`, bytes);
  }
  return hash([...parts, detail]);
}

function hash(parts) {
  const sha = crypto.createHash("sha256");

  for (const part of parts) sha.update(part);
  return sha.digest();
}
