// Fastify and better-sqlite3 on a copy of a data folder of Foyer's: the same rows and bytes, as somebody
// who knows both would write it.
//
//   node server.mjs --data DIR --commit-each | --batch
//
// --batch collects what arrives in one turn of the event loop and commits it once, by hand.
import crypto from "node:crypto";
import Fastify from "fastify";
import { open } from "./rows.mjs";

const RATE = 1e9;
const clientSchema = {
  type: "object",
  required: ["givenName", "familyName", "email"],
  properties: {
    givenName: { type: "string", minLength: 1, maxLength: 100 },
    familyName: { type: "string", minLength: 1, maxLength: 100 },
    email: { type: "string", minLength: 3, maxLength: 254 },
  },
};

const data = process.argv[process.argv.indexOf("--data") + 1];
const rows = open(data);
const app = Fastify({ logger: false });
const prefix = Math.floor(Date.now() / 1000).toString(16).padStart(8, "0");
let count = 0; // of requests
const buckets = new Map();
const rule = (key, permission) => (key.may.has(permission) ? { allow: "role" } : null);

app.decorateRequest("key", null);
app.addHook("onRequest", (request, reply, done) => {
  const text = request.headers["x-api-key"] ?? "";
  const key = rows.key(crypto.createHash("sha256").update(text).digest());
  const permission = request.method === "POST" ? "create_clients" : "view_clients";

  reply.header("X-Request-Id", `${prefix}-${++count}`);
  if (!key) return reply.code(401).send({ code: "unauthenticated" });
  const left = take(key.seq);

  if (!left) return reply.code(429).send({ code: "too_many_requests" });
  if (!rule(key, permission)) return reply.code(403).send({ code: "denied" });
  reply.header("Cache-Control", "private, no-cache");
  reply.header("X-Content-Type-Options", "nosniff");
  reply.header("RateLimit-Policy", `"requests";q=${RATE};w=1`);
  reply.header("RateLimit", `"requests";r=${Math.floor(left) - 1};t=0`);
  request.key = key;
  done();
});

// A token bucket for each key; gives what is left, 0: nothing.
function take(key) {
  const now = performance.now();
  let bucket = buckets.get(key);

  if (!bucket) buckets.set(key, (bucket = { tokens: RATE, at: now }));
  bucket.tokens = Math.min(RATE, bucket.tokens + ((now - bucket.at) / 1000) * RATE);
  bucket.at = now;
  if (bucket.tokens < 1) return 0;
  return bucket.tokens--;
}

// A strong ETag, as Foyer's.
function send(reply, body) {
  reply.header("ETag", `"${crypto.createHash("sha1").update(body).digest("base64url")}"`);
  reply.type("application/json").send(body);
}

app.get("/v1/clients/:id", (request, reply) => {
  const body = rows.client(request.key, request.params.id);

  if (body === null) reply.code(404).send({ code: "not_found" });
  else send(reply, body);
});

app.get("/v1/clients", (request, reply) => {
  const { limit = "100", givenName, familyName, q } = request.query;

  send(reply, rows.list(request.key, { limit: Number(limit), givenName, familyName, q }));
});

// Creates that wait for the commit at the end of this turn of the event loop.
let waiting = [];

function commitWaiting() {
  const now = waiting;

  waiting = [];
  const bodies = rows.createAll(now);
  now.forEach(({ reply }, index) => answer(reply, bodies[index]));
}

function answer(reply, body) {
  if (body === null) reply.code(409).send({ code: "email_taken" });
  else reply.type("application/json").send(body);
}

const batches = process.argv.includes("--batch");

app.post("/v1/clients", { schema: { body: clientSchema } }, (request, reply) => {
  const one = { key: request.key, create: request.body, id: reply.getHeader("X-Request-Id"), reply };

  if (!batches) {
    answer(reply, rows.createAll([one])[0]);
    return;
  }
  if (waiting.push(one) === 1) setImmediate(commitWaiting);
});

const chores = setInterval(() => rows.chores(), 1000);

process.on("SIGTERM", () => {
  clearInterval(chores);
  app.close().then(() => process.exit(0));
});
await app.listen({ host: "127.0.0.1", port: 0 });
console.log(`listening on http://127.0.0.1:${app.server.address().port}`);
