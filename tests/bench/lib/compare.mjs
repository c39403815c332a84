// Do Foyer and those beside it give the same bytes, and write the same rows? Asked before each run.
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { copy, drop } from "./data.mjs";
import { serve, stop } from "./process.mjs";
import { root, servers, sqliteOfNode } from "./servers.mjs";

const READS = 20;
const TABLES = ["clients", "companies", "memberships", "events", "audit", "invites", "tokens", "mails", "idempotency"];
const person = { givenName: "Ada", familyName: "Lovelace", email: "Ada.Lovelace@example.com" };

// names: of servers that serve a read. Gives a line or more for the reader.
export async function compare(at, names) {
  const ids = fs.readFileSync(at.fill.id, "utf8").split("\n").slice(0, READS);
  const targets = [...ids.map((id) => `/v1/clients/${id}`), "/v1/clients?limit=50", "/v1/clients?limit=50&givenName=Ada",
    "/v1/clients?limit=50&q=berg", "/v1/clients?limit=50&q=example.com"];
  const foyer = await ask(at, "foyer", targets);
  const lines = [];

  for (const name of names) lines.push(...beside(name, targets, foyer, await ask(at, name, targets)));
  return lines.join("\n");
}

function beside(name, targets, foyer, other) {
  const different = targets.filter((_, i) => foyer.bodies[i] !== other.bodies[i]);
  const lines = [`the same bytes: ${targets.length - different.length} of ${targets.length} answers of Foyer and ${name}` +
    ` (headers: ${foyer.head} and ${other.head} bytes)`];

  for (const target of different.slice(0, 1)) lines.push(`  DIFFERENT: ${target}`, ...where(name, foyer.bodies[targets.indexOf(target)], other.bodies[targets.indexOf(target)]));
  if (!servers[name].works.includes("create")) return lines;
  if (!foyer.rows || !other.rows) return [...lines, "rows were not looked at: no better-sqlite3"];
  const rows = differentRows(name, foyer.rows, other.rows);

  lines.push(rows.length === 0 ? `the same rows: a create by ${name} leaves the same in every table, but for ids, times and random bytes` :
    `DIFFERENT ROWS of a create by ${name}:\n  ${rows.join("\n  ")}`);
  return lines;
}

async function ask(at, name, targets) {
  const folder = copy(at, `compare-${name}`);
  const server = await serve(servers[name].command(folder), { log: path.join(folder, "bench.log") });
  const url = `http://127.0.0.1:${server.port}`, headers = { "X-API-Key": at.key };
  const bodies = [];
  let head = 0, before;

  try {
    for (const target of targets) {
      const answer = await fetch(url + target, { headers });

      bodies.push(`${answer.status} ${await answer.text()}`);
      if (bodies.length === 1) head = [...answer.headers].reduce((sum, [key, value]) => sum + key.length + value.length + 4, 0);
    }
    if (servers[name].works.includes("create")) {
      before = rowsOf(folder);
      await create(name, url, headers);
    }
  } finally {
    await stop(server);
  }
  const rows = before && newRows(before, rowsOf(folder));

  drop(folder);
  return { bodies, head, rows };
}

async function create(name, url, headers) {
  const made = await fetch(`${url}/v1/clients`, { method: "POST", headers: { ...headers, "Content-Type": "application/json" }, body: JSON.stringify(person) });

  if (!made.ok) throw new Error(`${name} answered ${made.status} to a create: ${await made.text()}`);
  await made.text();
  await new Promise((done) => setTimeout(done, 2500)); // index and seals follow
}

// The newest rows of each table, and what the index holds.
function rowsOf(folder) {
  if (!fs.existsSync(sqliteOfNode)) return null;
  const Database = createRequire(path.join(root, "tests/bench/fastify/package.json"))("better-sqlite3");
  const db = new Database(path.join(folder, "foyer.db"), { readonly: true });
  const all = Object.fromEntries(TABLES.map((table) => [table, {
    count: db.prepare(`SELECT count(*) FROM ${table}`).pluck().get(),
    last: db.prepare(`SELECT * FROM ${table} ORDER BY ${/^(events|audit)$/.test(table) ? "seq" : "created_at"} DESC LIMIT 1`).get(),
  }]));

  all.clients_text = { count: db.prepare("SELECT count(*) FROM clients_text").pluck().get() };
  db.close();
  return all;
}

function newRows(before, after) {
  return Object.fromEntries(Object.entries(after).map(([table, { count, last }]) =>
    [table, { added: count - before[table].count, last: count > before[table].count && last ? masked(last) : null }]));
}

// What must differ becomes its kind and length.
function masked(row) {
  return Object.fromEntries(Object.entries(row).map(([column, value]) => [column,
    Buffer.isBuffer(value) ? `${value.length} bytes` :
      /_at$/.test(column) && value !== null ? "time" :
        /^(fallback_color|request_id)$/.test(column) ? column :
          typeof value === "string" ? value.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "id")
            .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "time").replace(/#[0-9a-f]{6}/g, "color") : value]));
}

function differentRows(name, foyer, others) {
  const lines = [];

  for (const [table, { added, last }] of Object.entries(foyer)) {
    if (added !== others[table].added) lines.push(`${table}: Foyer ${added} rows, ${name} ${others[table].added}`);
    for (const column of Object.keys(last ?? {})) {
      const other = others[table].last?.[column];

      if (last[column] !== other) lines.push(`${table}.${column}: Foyer ${JSON.stringify(last[column])}, ${name} ${JSON.stringify(other)}`);
    }
  }
  return lines;
}

function where(name, a, b) {
  let i = 0;

  while (i < a.length && a[i] === b[i]) i++;
  return [`    Foyer: … ${a.slice(Math.max(0, i - 60), i + 100)}`, `    ${name}: … ${b.slice(Math.max(0, i - 60), i + 100)}`];
}
