// Rows: Foyer's tables with better-sqlite3: the statements of tests/bench/bare, the same rows and bytes.
import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import Database from "better-sqlite3";
import { seal } from "./seal.mjs";

const COLUMNS = `t.seq, lower(hex(t.id)), t.given_name, t.family_name, t.email, lower(hex(t.company_ids)), t.status, t.phone,
  t.position, t.tags, lower(hex(t.account_manager)), t.custom_fields, t.avatar_url, t.fallback_color,
  t.creation_method, t.first_login_at, t.last_login_at, t.last_activity_at, t.created_at, t.updated_at,
  CASE WHEN t.status = 2 THEN NULL ELSE (SELECT k.id FROM invites i JOIN tokens k
  ON k.subject = i.id AND k.purpose = 'invite.link' WHERE i.workspace = t.workspace
  AND i.client = t.seq AND i.accepted_at IS NULL AND i.cancelled_at IS NULL) END`;
const LIVE = `SELECT ${COLUMNS} FROM clients t WHERE t.workspace = ?1 AND t.archived_at IS NULL`;
const TEXT = "t.given_key || ' ' || t.family_key || ' ' || coalesce(t.email_key, '') || ' ' || coalesce(t.phone, '')";
const WATERMARK = "(SELECT clients_watermark FROM search_state)";
const STATUSES = ["notInvited", "invited", "active"];
const METHODS = ["internalUser", "client", "directSignUp", "import"];
const COLORS = ["#2f5d50", "#7a4b94", "#b5533c", "#2d6a9f", "#8a6d1d", "#4a6b2a", "#a13d63", "#3f5873", "#6b4f3a", "#1f7a7a"];
const CHORE_MAX = 500;

const SQL = {
  key: `SELECT k.workspace, k.seq, k.id, u.id, k.scopes, r.permissions FROM api_keys k
    LEFT JOIN internal_users u ON u.seq = k.internal_user LEFT JOIN roles r ON r.seq = u.role
    WHERE k.key_hash = ?1 AND k.revoked_at IS NULL
    AND (k.expires_at IS NULL OR k.expires_at > ?2) AND u.removed_at IS NULL`,
  client: `${LIVE} AND t.id = ?2`,
  list: `${LIVE} ORDER BY t.seq DESC LIMIT ?2`,
  listGiven: `${LIVE} AND t.given_key = ?3 AND t.given_name = ?4 ORDER BY t.seq DESC LIMIT ?2`,
  listFamily: `${LIVE} AND t.family_key = ?3 AND t.family_name = ?4 ORDER BY t.seq DESC LIMIT ?2`,
  search: `SELECT ${COLUMNS} FROM clients_text f CROSS JOIN clients t ON t.seq = (f.rowid & 0xffffffffff)
    WHERE f.text MATCH ?3 AND f.rowid > ?1 << 40 AND f.rowid < (?1 + 1) << 40 AND t.workspace = ?1
    AND t.archived_at IS NULL AND NOT EXISTS
    (SELECT 1 FROM clients_dirty d WHERE d.workspace = ?1 AND d.client = t.seq)
    ORDER BY f.rowid DESC LIMIT ?2`,
  searchFresh: `SELECT ${COLUMNS} FROM clients t WHERE t.seq IN
    (SELECT seq FROM clients WHERE seq > ${WATERMARK} UNION
    SELECT client FROM clients_dirty WHERE workspace = ?1) AND t.workspace = ?1
    AND t.archived_at IS NULL AND instr(${TEXT}, ?3) > 0 ORDER BY t.seq DESC LIMIT ?2`,
  insertClient: `INSERT INTO clients (workspace, id, given_name, given_key, family_name, family_key, email,
    email_key, creation_method, fallback_color, company_ids, created_at, updated_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, ?9, ?10, ?11, ?11)`,
  insertCompany: `INSERT INTO companies (workspace, id, name, name_key, is_placeholder, fallback_color,
    created_at, updated_at) VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6, ?6)`,
  insertMembership: "INSERT INTO memberships (workspace, client, company, created_at) VALUES (?1, ?2, ?3, ?4)",
  numbers: `UPDATE workspaces SET event_seq = event_seq + 1, audit_seq = audit_seq + 1
    WHERE seq = ?1 RETURNING event_seq, audit_seq`,
  insertEvent: `INSERT INTO events (workspace, seq, name, entity, entity_id, actor_kind, actor_id, payload,
    request_id, created_at) VALUES (?1, ?2, 'client.created', 'client', ?3, 'apiKey', ?4, ?5, ?6, ?7)`,
  insertAudit: `INSERT INTO audit (workspace, seq, action, entity, entity_id, actor_kind, actor_id, behalf_kind,
    behalf_id, road, peer, request_id, created_at, salt, detail)
    VALUES (?1, ?2, 'client.create', 'client', ?3, 'apiKey', ?4, 'internalUser', ?8, 'api', '127.0.0.1', ?6, ?7, ?9, ?5)`,
  countCommit: "UPDATE meta SET commits = commits + 1, last_commit_at = ?1 RETURNING commits",
  index: `INSERT INTO clients_text (rowid, text) SELECT t.workspace << 40 | t.seq, ${TEXT} FROM clients t
    WHERE t.seq > ${WATERMARK} AND t.archived_at IS NULL AND t.seq <= ${WATERMARK} + ?1`,
  indexMark: `UPDATE search_state SET clients_watermark =
    min(clients_watermark + ?1, (SELECT max(seq) FROM clients))`,
};

export function open(data) {
  const file = path.join(data, "foyer.db");
  const reader = new Database(file, { fileMustExist: true });
  const writer = new Database(file, { fileMustExist: true });
  const markFd = fs.openSync(path.join(data, "commits"), "r+");
  const sql = {};

  for (const db of [reader, writer]) {
    for (const pragma of ["synchronous = FULL", "temp_store = MEMORY", "cache_size = -8192"]) db.pragma(pragma);
  }
  reader.pragma("query_only = ON");
  reader.pragma("wal_autocheckpoint = 0");
  writer.pragma("foreign_keys = ON");
  writer.pragma("wal_autocheckpoint = 16384");
  for (const [name, text] of Object.entries(SQL)) {
    const db = /^(INSERT|UPDATE)/.test(text) ? writer : reader;

    sql[name] = statement(db, text);
  }
  return {
    key: (hash) => readKey(sql, hash),
    client: (key, id) => readClient(sql, key, id),
    list: (key, list) => readList(sql, key, list),
    createAll: (creates) => createAll({ sql, writer, markFd }, creates),
    chores: () => commit({ sql, writer, markFd }, () => { index(sql); seal(writer, CHORE_MAX); }),
  };
}

// better-sqlite3 takes ?1 for a name: numbers become places, and values are repeated where they must.
export function statement(db, text) {
  const order = [...text.matchAll(/\?(\d+)/g)].map(([, number]) => Number(number) - 1);
  const prepared = db.prepare(text.replace(/\?\d+/g, "?"));

  if (prepared.reader) prepared.raw();
  if (order.every((number, place) => number === place)) return prepared;
  const values = (args) => order.map((number) => args[number]);

  return {
    get: (...args) => prepared.get(values(args)),
    all: (...args) => prepared.all(values(args)),
    run: (...args) => prepared.run(values(args)),
  };
}

// Reading ------------------------------------------------------------------------------------------

function readKey(sql, hash) {
  const row = sql.key.get(hash, Date.now() * 1000);

  if (!row) return null;
  const [workspace, seq, id, owner, scopes, permissions] = row;
  return { workspace, seq, id, owner, may: namesOf(scopes ?? permissions) };
}

// Roles are few: their permissions are parsed once.
const parsed = new Map();

function namesOf(json) {
  let names = parsed.get(json);

  if (!names) parsed.set(json, (names = new Set(JSON.parse(json))));
  return names;
}

function readClient(sql, key, id) {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return null;
  const row = sql.client.get(key.workspace, Buffer.from(id.replaceAll("-", ""), "hex"));

  return row ? clientJson(row) : null;
}

function readList(sql, key, { limit, givenName, familyName, q }) {
  const name = givenName ?? familyName;
  let rows;

  if (q) {
    const text = q.toLowerCase();

    rows = sql.searchFresh.all(key.workspace, limit + 1, text);
    if (rows.length <= limit) rows.push(...sql.search.all(key.workspace, limit + 1 - rows.length, `"${text}"`));
  } else if (name) {
    rows = (givenName ? sql.listGiven : sql.listFamily).all(key.workspace, limit + 1, name.toLowerCase(), name);
  } else {
    rows = sql.list.all(key.workspace, limit + 1);
  }
  const last = rows.length > limit ? rows[limit - 1][0] : 0;
  const data = rows.slice(0, limit).map(clientJson).join(",");

  if (!last) return `{"data":[${data}]}`;
  return `{"data":[${data}],"nextToken":"${nextToken(q ? "search" : "createdAt", q ? key.workspace * 2 ** 40 + last : last)}"}`;
}

function nextToken(sort, value) {
  const begin = `-client\0${sort}\0i`;
  const bytes = Buffer.alloc(begin.length + 12);

  bytes.write(begin);
  bytes.writeUInt32BE(8, begin.length);
  bytes.writeBigUInt64BE(BigInt(value), begin.length + 4);
  return bytes.toString("base64url");
}

function clientJson(row) {
  const companies = [];

  for (let at = 0; at < row[5].length; at += 32) companies.push(idText(row[5].slice(at, at + 32)));
  const list = companies.map((id) => `"${id}"`).join(",");
  return `{"id":"${idText(row[1])}","object":"client","createdAt":${time(row[18])},"updatedAt":${time(row[19])},` +
    `"givenName":${text(row[2])},"familyName":${text(row[3])},"email":${text(row[4])},` +
    `"companyId":${companies.length ? `"${companies[0]}"` : "null"},"companyIds":[${list}],` +
    `"status":"${STATUSES[row[6]]}","phone":${text(row[7])},"position":${text(row[8])},"tags":${row[9]},` +
    `"accountManagerId":${row[10] ? `"${idText(row[10])}"` : "null"},"customFields":${row[11]},` +
    `"avatarImageUrl":${text(row[12])},"fallbackColor":${text(row[13])},"inviteUrl":null,` +
    `"creationMethod":"${METHODS[row[14]]}","firstLoginDate":${time(row[15])},` +
    `"lastLoginDate":${time(row[16])},"lastActivityDate":${time(row[17])}}`;
}

// As Foyer: < > & and the line separators are escaped too.
function text(value) {
  if (value === null) return "null";
  const json = JSON.stringify(value);

  return /[<>&\u2028\u2029]/.test(json)
    ? json.replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`)
    : json;
}

function time(micros) {
  if (!micros) return "null";
  const iso = new Date(Math.floor(micros / 1000)).toISOString();

  return `"${iso.slice(0, 23)}${String(micros % 1000).padStart(3, "0")}Z"`;
}

function idText(hex) {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

// Random bytes from a pool: a call of its own for each id costs more than the id.
let pool = Buffer.alloc(0);

function random(count) {
  if (pool.length < count) pool = crypto.randomBytes(4096);
  const bytes = pool.subarray(0, count);

  pool = pool.subarray(count);
  return bytes;
}

function newId() {
  const bytes = Buffer.allocUnsafe(16);

  bytes.writeUIntBE(Date.now(), 0, 6);
  random(10).copy(bytes, 6);
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return bytes;
}

// Writing ------------------------------------------------------------------------------------------

// All in one transaction; gives the JSON of each, null where the address is taken.
function createAll(store, creates) {
  return commit(store, () => creates.map((one) => createOne(store.sql, one)));
}

function commit({ sql, writer, markFd }, work) {
  writer.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    const mark = `${String(sql.countCommit.get(Date.now() * 1000)[0]).padStart(20, "0")}\n`;

    writer.exec("COMMIT");
    fs.writeSync(markFd, mark, 0);
    return result;
  } catch (error) {
    if (writer.inTransaction) writer.exec("ROLLBACK");
    throw error;
  }
}

function createOne(sql, { key, create, id: requestId }) {
  const now = Math.floor((performance.timeOrigin + performance.now()) * 1000);
  const { givenName, familyName, email } = create;
  const name = `${givenName} ${familyName}`;
  const company = newId(), id = newId();
  let client;

  try {
    client = sql.insertClient.run(key.workspace, id, givenName, givenName.toLowerCase(), familyName,
      familyName.toLowerCase(), email, email.toLowerCase(), COLORS[id[15] % 10], company, now).lastInsertRowid;
  } catch (error) {
    if (error.code === "SQLITE_CONSTRAINT_UNIQUE") return null; /* all else cannot collide */
    throw error;
  }
  const made = sql.insertCompany.run(key.workspace, company, name, name.toLowerCase(), COLORS[company[15] % 10], now);

  sql.insertMembership.run(key.workspace, client, made.lastInsertRowid, now);
  const json = clientJson([client, id.toString("hex"), givenName, familyName, email, company.toString("hex"),
    0, null, null, "[]", "", "{}", null, COLORS[id[15] % 10], 0, null, null, null, now, now]);
  const [event, audit] = sql.numbers.get(key.workspace);

  sql.insertEvent.run(key.workspace, event, id, key.id, `{"data":${json}}`, requestId, now);
  sql.insertAudit.run(key.workspace, audit, id, key.id, `{"after":${json}}`, requestId, now, key.owner, random(16));
  return json;
}

function index(sql) {
  sql.index.run(CHORE_MAX);
  sql.indexMark.run(CHORE_MAX);
}
