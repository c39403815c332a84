// Who is measured. command(data) starts a server on a copy of the data; it says "listening on http://…".
// A row more is all that another server needs (nginx with LuaJIT will be one).
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

export const root = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), "../../..");
export const foyer = path.join(root, "build/release/foyer");
const before = process.env.FOYER_BEFORE; // another build, so that a change is measured before and after in one run
export const tool = (name) => path.join(root, "build/bench", name);

const fastify = path.join(root, "tests/bench/fastify");
const all = ["read", "list", "create", "slow-create", "search", "frequent", "connections", "start"];
const creates = ["create", "slow-create"];

const serve = (program, loops) => (data) => [program, "serve", "--data", data, "--listen", "127.0.0.1:0", "--loops", String(loops),
  "--access-log", "true", "--rate-limit-per-key", "1000000000", "--rate-limit-burst", "1000000000"];
// A core more where the machine has one to spare; else both loops share core 0, and CPU alone can be compared.
const twoCores = os.cpus().length > 2 ? "0,2" : "0";
const ofTwoLoops = all.filter((work) => work !== "start");

export const servers = {
  foyer: {
    title: "Foyer",
    works: all,
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
    works: all,
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
    works: all,
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
    isThere: () => fs.existsSync(path.join(fastify, "node_modules")),
    warmUp: 3, // its compiler takes its time
  },
  "fastify-batch": {
    title: "Fastify, batched by hand",
    works: creates,
    command: (data) => ["node", path.join(fastify, "server.mjs"), "--data", data, "--batch"],
    isThere: () => fs.existsSync(path.join(fastify, "node_modules")),
    warmUp: 3,
  },
  // No server: the statements of bare in a loop. Creates are in batches of 64.
  raw: {
    title: "raw SQLite, no HTTP",
    works: ["read", "list", "search", "create", "slow-create"],
    raw: true,
    isThere: () => fs.existsSync(tool("raw")),
  },
};
