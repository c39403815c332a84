// A round: one server, one work, one copy of the data. Server on core 0, load on core 1.
import fs from "node:fs";
import path from "node:path";
import { copy, drop } from "./data.mjs";
import { run, serve, stop } from "./process.mjs";
import { tool } from "./servers.mjs";

export const FOREIGN = 0.3; // cores of others above which a round is thrown away: softirqs of our own sockets in idle cores are up to 0.2
let seed = 1000;            // of people that no other round has made

// Gives what the load printed, and disturbed: somebody else was at work.
export async function round(at, name, server, work, { seconds, warmUp }) {
  const folder = copy(at, name);

  try {
    if (work.starts) return judged(measureStart(at, folder, server));
    if (server.raw) return judged(measureRaw(at, folder, work, seconds));
    return judged(await measureServer(at, folder, server, work, { seconds, warmUp }));
  } finally {
    drop(folder);
  }
}

function judged(result) {
  if (result.refused) throw new Error(`${result.refused} requests were refused: see above`);
  return { ...result, disturbed: result.foreign > FOREIGN || result.steal > FOREIGN };
}

async function measureServer(at, folder, server, work, { seconds, warmUp }) {
  const counter = path.join(folder, "fsyncs");
  const running = await serve(server.command(folder), { cores: server.cores, env: slowly(work, counter), log: path.join(folder, "bench.log") });
  const before = syncs(counter);
  const args = ["--port", running.port, "--key", at.key, "--target", work.target, "--connections", work.connections,
    "--warm-up", Math.max(warmUp, server.warmUp ?? 0), "--seconds", seconds, "--server", running.pid];
  let result;

  if (work.idle) args.push("--idle", work.idle);
  if (work.fill) args.push("--fill", at.fill[work.fill]);
  if (work.creates) args.push("--create", ++seed);
  try {
    result = JSON.parse(run("taskset", ["-c", "1", tool("load"), ...args]));
    if (work.creates) result.perSync = result.sent / (syncs(counter) - before);
  } finally {
    await stop(running);
  }
  return result;
}

// Creates run under a preload that counts fsyncs, and makes them slower where the work says so.
function slowly(work, counter) {
  if (!work.creates) return {};
  return { LD_PRELOAD: tool("libslowfsync.so"), SLOWFSYNC_MICROS: String(work.slow ?? 0), SLOWFSYNC_COUNT: counter };
}

function syncs(counter) {
  return fs.existsSync(counter) ? Number(fs.readFileSync(counter).readBigUInt64LE(0)) : 0;
}

const rawWorks = { "/v1/clients/{}": "read", "/v1/clients?limit=50&givenName={}": "list", "/v1/clients?limit=50&q={}": "search" };

function measureRaw(at, folder, work, seconds) {
  const args = ["-c", "0", tool("raw"), "--data", folder, "--key", at.key, "--seconds", seconds,
    "--work", work.creates ? "create" : rawWorks[work.target]];

  if (work.creates) args.push("--batch", 64);
  else args.push("--fill", at.fill[work.fill]);
  return { ...JSON.parse(run("taskset", args, { env: slowly(work, path.join(folder, "fsyncs")) })), perSync: work.creates ? 64 : undefined };
}

function measureStart(at, folder, server) {
  const id = fs.readFileSync(at.fill.id, "utf8").split("\n")[0];
  const said = run("taskset", ["-c", "0", tool("start"), "--key", at.key, "--target", `/v1/clients/${id}`, "--idle", 1,
    "--", ...server.command(folder)], { quiet: true });

  return JSON.parse(said.slice(said.indexOf("{")));
}
