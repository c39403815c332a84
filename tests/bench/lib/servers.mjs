// Who is measured. command(data) starts a server on a copy of the data; it says "listening on http://…".
// A row more is all that another server needs.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

export const root = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), "../../..");
export const foyer = path.join(root, "build/release/foyer");
const before = process.env.FOYER_BEFORE; // another build, so that a change is measured before and after in one run
export const tool = (name) => path.join(root, "build/bench", name);

const fastify = path.join(root, "tests/bench/fastify");
export const sqliteOfNode = path.join(fastify, "node_modules/better-sqlite3/build/Release/better_sqlite3.node"); // compiled here
const nginx = path.join(root, "tests/bench/nginx/start");
const reads = ["read", "list", "search", "frequent", "connections"];
const all = [...reads, "create", "slow-create", "start"];
const large = ["idle", "million-read", "million-list", "million-search", "million-frequent"];
const creates = ["create", "slow-create"];

const serve = (program, loops) => (data) => [program, "serve", "--data", data, "--listen", "127.0.0.1:0", "--loops", String(loops),
  "--access-log", "true", "--rate-limit-per-key", "1000000000", "--rate-limit-burst", "1000000000"];
// A core more where the machine has one to spare; else both loops share core 0, and CPU alone can be compared.
const twoCores = os.cpus().length > 2 ? "0,2" : "0";
const ofTwoLoops = all.filter((work) => work !== "start");

// What nginx loads; Debian's package of it names the folder when it is asked how it was built.
function nginxModules() {
  const said = spawnSync("nginx", ["-V"], { encoding: "utf8" }).stderr;
  const folder = /--modules-path=(\S+)/.exec(said ?? "")?.[1];

  return ["ndk_http_module.so", "ngx_http_lua_module.so"].map((name) => folder && path.join(folder, name));
}

export const servers = {
  foyer: {
    title: "Foyer",
    works: [...all, ...large],
    command: serve(foyer, 1),
    isThere: () => fs.existsSync(foyer),
  },
  "foyer-2": {
    title: "Foyer, two loops",
    works: ofTwoLoops,
    cores: twoCores,
    command: serve(foyer, 2),
    isThere: () => fs.existsSync(foyer),
  },
  before: {
    title: "another build",
    works: [...all, ...large],
    command: serve(before, 1),
    isThere: () => Boolean(before) && fs.existsSync(before),
  },
  "before-2": {
    title: "another build, two loops",
    works: ofTwoLoops,
    cores: twoCores,
    command: serve(before, 2),
    isThere: () => Boolean(before) && fs.existsSync(before),
  },
  bare: {
    title: "bare, group commit",
    works: [...all, ...large],
    command: (data) => [tool("bare"), "--data", data, "--group-commit"],
    isThere: () => fs.existsSync(tool("bare")),
  },
  "bare-each": {
    title: "bare, a commit each",
    works: creates,
    command: (data) => [tool("bare"), "--data", data, "--commit-each"],
    isThere: () => fs.existsSync(tool("bare")),
  },
  fastify: {
    title: "Fastify, a commit each",
    works: all,
    command: (data) => ["node", path.join(fastify, "server.mjs"), "--data", data, "--commit-each"],
    isThere: () => fs.existsSync(sqliteOfNode),
    warmUp: 3, // its compiler takes its time
  },
  "fastify-batch": {
    title: "Fastify, batched by hand",
    works: creates,
    command: (data) => ["node", path.join(fastify, "server.mjs"), "--data", data, "--batch"],
    isThere: () => fs.existsSync(sqliteOfNode),
    warmUp: 3,
  },
  nginx: {
    title: "nginx, LuaJIT, FFI",
    works: reads,
    command: (data) => [nginx, data],
    isThere: () => nginxModules().every((file) => file && fs.existsSync(file)),
  },
  // No server: the statements of bare in a loop. Creates are in batches of 64.
  raw: {
    title: "raw SQLite, no HTTP",
    works: ["read", "list", "search", "create", "slow-create"],
    raw: true,
    isThere: () => fs.existsSync(tool("raw")),
  },
};
