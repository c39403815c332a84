// Events: clients are created as fast as answers come while a script listens to nothing, to something else, or to each
// of them. In each round each case has its turn, on a new workspace; medians count. CPU is that of the whole process, until the last
// delivery is done.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Server } from '../../stories/lib/server.mjs';

process.env.FOYER_BIN ??= 'build/release/foyer';
const tool = process.env.FOYER_BENCH_LOAD ?? 'build/bench/load';
const rounds = Number(process.argv[2] ?? 3);
const seconds = 3;
const tick = 10_000; // µs: clock ticks of Linux are hundredths of a second
const transaction = 'foyer.transaction("note", function(ctx, args)\n  foyer.kv.set("client/" .. args.id, true)\nend)\n';
const listen = (event, body) => `foyer.on("${event}", function(event)\n  ${body}\nend)`;
const cases = [
  { name: 'nobody listens' },
  { name: 'to something else', script: listen('client.deleted', 'foyer.log.info("gone")') },
  { name: 'and does nothing', hears: true, script: listen('client.created', 'return') },
  { name: 'by a transaction', hears: true, script: transaction + listen('client.created', 'return foyer.run("note", { id = event.entityId })') },
  { name: 'reads the client', hears: true, script: listen('client.created', 'foyer.api("GET", "/v1/clients/" .. event.entityId)') },
];

// CPU of the process in µs.
function cpu(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ');
  return (Number(fields[11]) + Number(fields[12])) * tick;
}

async function done(server) {
  const text = await (await fetch(`${server.base}/metrics`)).text();
  const count = (status) => Number(new RegExp(`foyer_deliveries_total\\{status="${status}"\\} (\\d+)`).exec(text)[1]);
  if (count('failed') + count('dead') > 0) {
    const answer = await fetch(`${server.base}/v1/deliveries?status=failed&limit=1`, { headers: { 'x-api-key': server.key } });
    throw new Error(`a handler failed: ${await answer.text()}`);
  }
  return count('done');
}

async function measure(one, seed) {
  const server = new Server();
  Object.assign(server.env, { FOYER_ACCESS_LOG: 'no', FOYER_RATE_LIMIT_PER_KEY: '0', FOYER_LOG_LEVEL: 'warn' });
  await server.init('Events', 'owner@example.com');
  if (one.script) {
    mkdirSync(join(server.data, 'scripts'), { recursive: true });
    writeFileSync(join(server.data, 'scripts', 'listens.lua'), `local foyer = require("foyer")\n\n${one.script}\n`);
  }
  await server.start(['--loops', '1']);
  const before = cpu(server.process.pid);
  const began = Date.now();
  const { stdout } = await promisify(execFile)(tool, ['--port', new URL(server.base).port, '--key', server.key, '--target', '/v1/clients',
    '--create', String(seed), '--connections', '64', '--seconds', String(seconds)]);
  const { requests, refused, seconds: took } = JSON.parse(stdout);
  if (refused) throw new Error(`${refused} creates were refused`);
  const soon = one.hears ? await done(server) : 0;
  const loaded = Date.now();
  // What the warm-up created is heard of, too.
  let heard = soon;
  for (let last = -1; one.hears && (heard < requests || heard !== last);) {
    last = heard;
    await new Promise((resolve) => { setTimeout(resolve, 200); });
    heard = await done(server);
  }
  const drained = Date.now() - 200;
  const result = {
    creates: requests / took,
    cpu: (cpu(server.process.pid) - before) / requests,
    beside: soon / ((loaded - began) / 1000),
    after: heard > soon && drained > loaded ? (heard - soon) / ((drained - loaded) / 1000) : NaN,
  };
  const code = await server.stop();
  rmSync(server.folder, { recursive: true });
  if (code !== 0) throw new Error(`the server ended with ${code}\n${server.stderr}`);
  return result;
}

function median(values) {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

if (!existsSync(tool)) {
  console.error(`events: ${tool} is not built: tests/bench/run --compare builds it`);
  process.exit(2);
}
const results = cases.map(() => []);
for (let round = 0; round < rounds; round += 1) {
  for (const [i, one] of cases.entries()) results[i].push(await measure(one, 10_000 + round * 100 + i));
}
const of = (i, what) => median(results[i].map((result) => result[what]));
console.log('a script listens        creates/s  of none  CPU µs a create  of none  events/s beside them  and after');
for (const [i, { name, hears }] of cases.entries()) {
  const heard = hears ? `${of(i, 'beside').toFixed(0).padStart(20)}  ${of(i, 'after').toFixed(0).padStart(9)}` : '';
  console.log(`${name.padEnd(22)}  ${of(i, 'creates').toFixed(0).padStart(9)}  ${(of(i, 'creates') / of(0, 'creates')).toFixed(2).padStart(7)}`
    + `  ${of(i, 'cpu').toFixed(0).padStart(15)}  ${(of(i, 'cpu') / of(0, 'cpu')).toFixed(2).padStart(7)}  ${heard}`);
}
