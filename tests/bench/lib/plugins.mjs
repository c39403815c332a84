// Plugins: reads of one client beside 0, 1, 10 and 100 scripts of the operator: some with hooks that the reads do not
// meet, some with a rule that each read asks. In each round each of them has its turn; the least CPU of the rounds
// counts, for others only add to it. Then 50 scripts are changed and reloaded again and again under load, and routes of a
// script answer beside the read that they stand in for.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Server } from '../../stories/lib/server.mjs';

process.env.FOYER_BIN ??= 'build/release/foyer';
const tool = process.env.FOYER_BENCH_LOAD ?? 'build/bench/load';
const rounds = Number(process.argv[2] ?? 5);
const counts = [1, 10, 100];
const kinds = {
  'a rule for something else': 'foyer.rule("role.delete", function(ctx)\n  if ctx.actor:is("client") then return foyer.deny("no") end\nend)',
  'a rule for the read': 'foyer.rule("client.read", function(ctx)\n  if ctx.actor:is("client") then return foyer.deny("no") end\nend)',
};
const cases = [{ kind: 'none', count: 0 }, ...Object.keys(kinds).flatMap((kind) => counts.map((count) => ({ kind, count })))];

function scripts(server, { kind, count }, stamp = 0) {
  const folder = join(server.data, 'scripts');
  mkdirSync(folder, { recursive: true });
  for (let i = 0; i < count; i += 1) {
    writeFileSync(join(folder, `plugin_${i}.lua`), `-- ${stamp}\nlocal foyer = require("foyer")\n${kinds[kind]}\n`);
  }
}

function memory(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
}

async function load(server, id, seconds, target = `/v1/clients/${id}`) {
  const { stdout } = await promisify(execFile)(tool, ['--port', new URL(server.base).port, '--key', server.key, '--target',
    target, '--connections', '64', '--warm-up', '0.3', '--seconds', String(seconds), '--server', String(server.process.pid)]);
  return JSON.parse(stdout);
}

async function open(one) {
  const server = new Server();
  Object.assign(server.env, { FOYER_ACCESS_LOG: 'no', FOYER_RATE_LIMIT_PER_KEY: '0', FOYER_LOG_LEVEL: 'warn' });
  await server.init('Plugins', 'owner@example.com', ['--demo']);
  scripts(server, one);
  await server.start(['--loops', '1']);
  const answer = await fetch(`${server.base}/v1/clients`, { headers: { 'x-api-key': server.key } });
  return { server, id: (await answer.json()).data[0].id };
}

async function close(server) {
  const code = await server.stop();
  rmSync(server.folder, { recursive: true });
  if (code !== 0) throw new Error(`the server ended with ${code}\n${server.stderr}`);
}

async function costs() {
  const least = cases.map(() => ({ cpu: Infinity, kib: Infinity }));
  for (let round = 0; round < rounds; round += 1) {
    for (const [i, one] of cases.entries()) {
      const { server, id } = await open(one);
      const { requests, refused, seconds, server: cores } = await load(server, id, 2);
      if (refused) throw new Error(`${refused} reads were refused`);
      least[i].cpu = Math.min(least[i].cpu, (cores * seconds * 1e6) / requests);
      least[i].kib = Math.min(least[i].kib, memory(server.process.pid));
      await close(server);
    }
  }
  console.log('scripts  with                         CPU µs  of none  µs more each  KiB more each');
  for (const [i, { kind, count }] of cases.entries()) {
    const { cpu, kib } = least[i];
    const each = count ? `${((cpu - least[0].cpu) / count).toFixed(2).padStart(12)}  ${((kib - least[0].kib) / count).toFixed(0).padStart(13)}` : '';
    console.log(`${String(count).padStart(7)}  ${kind.padEnd(26)}  ${cpu.toFixed(1).padStart(7)}  ${(cpu / least[0].cpu).toFixed(2).padStart(7)}  ${each}`);
  }
}

async function reloads() {
  const one = { kind: 'a rule for the read', count: 50 };
  const { server, id } = await open(one);
  const quiet = await load(server, id, 5);
  let isOver = false;
  let count = 0;
  const beside = load(server, id, 5).finally(() => { isOver = true; });
  while (!isOver) {
    scripts(server, one, count + 1);
    const answer = await fetch(`${server.base}/v1/plugins/reload`, { method: 'POST', headers: { 'x-api-key': server.key } });
    if (answer.status !== 200) throw new Error(`the reload was answered ${answer.status}: ${await answer.text()}`);
    count += 1;
    await new Promise((resolve) => { setTimeout(resolve, 500); });
  }
  const { requests, refused, p50, p99 } = await beside;
  console.log(`\n50 scripts reloaded ${count} times in 5 s beside ${requests} reads: ${refused} refused;`
    + ` p50 ${quiet.p50} µs quiet, ${p50} beside: ${(p50 / quiet.p50).toFixed(2)}; p99 ${quiet.p99} µs quiet, ${p99} beside: ${(p99 / quiet.p99).toFixed(2)}`);
  await close(server);
}

// They run on the scripts' thread: from the loop to it, and back with the answer.
async function routes() {
  const { server, id } = await open({ kind: 'none', count: 0 });
  mkdirSync(join(server.data, 'scripts'), { recursive: true });
  writeFileSync(join(server.data, 'scripts', 'bench.lua'), `local foyer = require("foyer")
foyer.route("GET", "/now", { may = "client.list" }, function() return { ok = true } end)
foyer.route("GET", "/clients/{id}", { may = "client.list" }, function(_, request)
  local answer = foyer.api("GET", "/v1/clients/" .. request.params.id)
  return foyer.reply(answer.status, answer.body)
end)\n`);
  await fetch(`${server.base}/v1/plugins/reload`, { method: 'POST', headers: { 'x-api-key': server.key } });
  const targets = { 'GET /v1/clients/{id}': `/v1/clients/${id}`, 'a route that answers at once': '/p/bench/now', 'a route that asks foyer.api once': `/p/bench/clients/${id}` };
  const best = {};
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, target] of Object.entries(targets)) {
      const { requests, refused, seconds, server: cores, p99 } = await load(server, id, 2, target);
      if (refused) throw new Error(`${refused} of ${name} were refused`);
      const one = { rate: requests / seconds, cpu: (cores * seconds * 1e6) / requests, p99 };
      if (!best[name] || one.rate > best[name].rate) best[name] = one;
    }
  }
  const read = best['GET /v1/clients/{id}'];
  console.log('\n                                   a second  of the read  CPU µs  p99 µs');
  for (const [name, { rate, cpu, p99 }] of Object.entries(best)) {
    console.log(`${name.padEnd(33)}  ${rate.toFixed(0).padStart(8)}  ${(rate / read.rate).toFixed(2).padStart(11)}  ${cpu.toFixed(1).padStart(6)}  ${String(p99).padStart(6)}`);
  }
  await close(server);
}

if (!existsSync(tool)) {
  console.error(`plugins: ${tool} is not built: tests/bench/run --compare builds it`);
  process.exit(2);
}
if (process.argv[3] !== 'routes') {
  await costs();
  await reloads();
}
await routes();
