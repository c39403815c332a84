// The data: made once by Foyer itself through its own API, then copied for each round.
import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { foyer, root, servers, tool } from "./servers.mjs";
import { run, serve, stop } from "./process.mjs";

const base = path.join(root, "build/bench/data");
const samples = ["id", "given", "family"];

// { folder, key, fill: {id, given, family} }. `own`: a folder and key of the caller's.
export async function master({ clients, fresh, own }) {
  const place = path.join(base, own ? "own" : buildOf(clients));
  const at = { folder: own?.folder ?? path.join(place, "data"), key: own?.key, place };

  if (fresh || own) fs.rmSync(place, { recursive: true, force: true });
  fs.mkdirSync(place, { recursive: true });
  if (!own) {
    const keyFile = path.join(place, "key");

    if (!fs.existsSync(keyFile)) {
      fs.rmSync(at.folder, { recursive: true, force: true });
      at.key = await make(at.folder, clients);
      fs.writeFileSync(keyFile, at.key, { mode: 0o600 });
    }
    at.key = fs.readFileSync(keyFile, "utf8");
  }
  at.fill = Object.fromEntries(samples.map((what) => [what, sample(at, what)]));
  return at;
}

// Another build, other data: what older ones left is taken away.
function buildOf(clients) {
  const build = crypto.createHash("sha256").update(fs.readFileSync(foyer)).digest("hex").slice(0, 12);

  for (const old of fs.existsSync(base) ? fs.readdirSync(base) : []) {
    if (old.startsWith(`${clients}-`) && !old.startsWith(`${clients}-${build}`)) fs.rmSync(path.join(base, old), { recursive: true });
  }
  return `${clients}-${build}`;
}

async function make(folder, clients) {
  const said = run(foyer, ["init", "--data", folder, "--workspace", "Bench", "--email", "owner@example.org"]);
  const key = /^api_key: (\S+)$/m.exec(said)?.[1];

  if (!key) throw new Error(`foyer init printed no api_key:\n${said}`);
  console.error(`making ${clients} clients through the API …`);
  const server = await serve(servers.foyer.command(folder), { log: path.join(folder, "../make.log") });

  await withoutChannels(server.port, key);
  run(tool("load"), ["--port", server.port, "--key", key, "--target", "/v1/clients", "--create", 1,
    "--connections", 64, "--count", clients]);
  await settled(server.pid);
  await stop(server);
  return key;
}

// A create is a client alone: the others know no channels.
async function withoutChannels(port, key) {
  const answer = await fetch(`http://127.0.0.1:${port}/v1/workspaces`, {
    method: "PATCH", headers: { "X-API-Key": key, "Content-Type": "application/json" },
    body: JSON.stringify({ defaultChannelType: "none" }),
  });

  if (!answer.ok) throw new Error(`the workspace was not changed: ${await answer.text()}`);
}

// The index and the seals are made in the background: until the server has nothing to do.
async function settled(pid) {
  let before = -1, quiet = 0;

  for (let i = 0; i < 600 && quiet < 4; i++) {
    const now = ticks(pid);

    quiet = now - before <= 2 ? quiet + 1 : 0;
    before = now;
    await new Promise((done) => setTimeout(done, 500));
  }
}

function ticks(pid) {
  const fields = fs.readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /s, "").split(" ");

  return Number(fields[11]) + Number(fields[12]);
}

// A file of lines that the load draws from.
function sample(at, what) {
  const file = path.join(at.place, `${what}.txt`);

  if (!fs.existsSync(file)) fs.writeFileSync(file, run(tool("raw"), ["--data", at.folder, "--sample", what, "--count", 5000]));
  return file;
}

// The same folder with copies of its people under other ids and addresses, until there are so many. By SQL, since the
// API would take its time: without the events and audit entries of those copies, which no list looks at.
export async function manifold(at, clients) {
  const place = `${at.place}-${clients}`, made = path.join(place, "made");
  const more = { folder: path.join(place, "data"), key: at.key, place };

  if (!fs.existsSync(made)) {
    fs.rmSync(place, { recursive: true, force: true });
    fs.mkdirSync(place, { recursive: true });
    run("cp", ["-r", at.folder, more.folder]);
    console.error(`making ${clients} clients of them, by SQL …`);
    run("sqlite3", ["-bail", "-cmd", `.parameter set @clients ${clients}`, path.join(more.folder, "foyer.db"),
      `.read ${path.join(root, "tests/bench/manifold.sql")}`]);
    fs.writeFileSync(made, "");
  }
  more.fill = Object.fromEntries(samples.map((what) => [what, sample(more, what)]));
  return more;
}

// An untouched copy, written back already so that the disk is quiet.
export function copy(at, name) {
  const to = path.join(base, "copy", name);

  fs.rmSync(to, { recursive: true, force: true });
  fs.mkdirSync(path.dirname(to), { recursive: true });
  run("cp", ["-r", "--reflink=auto", at.folder, to]);
  fs.rmSync(path.join(to, "lock"), { force: true });
  run("sync", ["-f", to]);
  return to;
}

export function drop(folder) {
  fs.rmSync(folder, { recursive: true, force: true });
}

