// Operation: 10,000 clients of one company are invited, moved and deleted while others read and create.
// Prints the latency of the others, quiet and beside each operation, and the ratio; at last that of all rounds
// together: the p99 of a few seconds is made by a handful of requests, and by whoever else uses the machine.
import http from 'node:http';
import { performance } from 'node:perf_hooks';
import { Server } from '../../stories/lib/server.mjs';

const clients = Number(process.argv[2] ?? 10_000);
const rounds = Number(process.argv[3] ?? 3);
const rates = { read: 200, create: 100 }; // a second: what a busy firm asks, and far from what the server can do
const quietSeconds = 5;
const all = { quiet: { read: [], create: [] } }; // of all rounds; beside: by operation

const server = new Server();
Object.assign(server.env, { FOYER_ACCESS_LOG: 'no', FOYER_RATE_LIMIT_PER_KEY: '0', FOYER_LOG_LEVEL: 'warn' });
process.env.FOYER_BIN ??= 'build/release/foyer';
const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
let number = 0;

function ask(method, path, body) {
  const text = body && JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const request = http.request(server.base + path, {
      agent,
      method,
      headers: { 'x-api-key': server.key, ...(text ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) } : {}) },
    }, (response) => {
      let came = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => { came += chunk; });
      response.on('end', () => resolve({ status: response.statusCode, json: JSON.parse(came) }));
    });
    request.on('error', reject);
    request.end(text);
  });
}

async function must(...request) {
  const { status, json } = await ask(...request);
  if (status >= 300) throw new Error(`${request[0]} ${request[1]}: ${status} ${JSON.stringify(json)}`);
  return json;
}

function person(companyId) {
  number += 1;
  return { givenName: 'Ann', familyName: `No. ${number}`, email: `ann${number}@example.com`, companyId };
}

// Requests at fixed rates, whether or not those before have been answered: a stall is felt by all that it
// holds up. Until `over` resolves.
async function load(known, other, over) {
  const took = { read: [], create: [] };
  const begun = [];
  let isOver = false;
  const kinds = {
    read: () => must('GET', `/v1/clients/${known[Math.floor(Math.random() * known.length)]}`),
    create: () => must('POST', '/v1/clients', person(other)),
  };
  const clocks = Object.entries(rates).map(async ([kind, rate]) => {
    for (let due = performance.now(); !isOver; due += 1000 / rate) {
      const wait = due - performance.now();
      if (wait > 0) await new Promise((resolve) => { setTimeout(resolve, wait); });
      const began = Math.max(due, performance.now() - 1); // the load's own lateness is not the server's
      begun.push(kinds[kind]().then(() => took[kind].push(performance.now() - began)));
    }
  });
  await over;
  isOver = true;
  await Promise.all(clocks);
  await Promise.all(begun);
  return took;
}

async function untilOver(operation) {
  for (;;) {
    const now = await must('GET', `/v1/operations/${operation.id}`);
    if (now.endedAt) return now;
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
}

function at(times, share) {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

function show(label, quiet, beside) {
  for (const kind of Object.keys(rates)) {
    const figures = [0.5, 0.99].map((share) => {
      const [a, b] = [at(quiet[kind], share), at(beside[kind], share)];
      return `p${share * 100} ${a.toFixed(1).padStart(6)} ms quiet, ${b.toFixed(1).padStart(6)} ms beside: ${(b / a).toFixed(2).padStart(5)}`;
    });
    console.log(`${label.padEnd(16)} ${kind.padEnd(7)} ${figures.join('   ')}`);
  }
}

async function measure(label, known, other, begin) {
  const quiet = await load(known, other, new Promise((resolve) => { setTimeout(resolve, quietSeconds * 1000); }));
  const began = performance.now();
  let ended;
  const beside = await load(known, other, (async () => { ended = await untilOver(await begin()); })());
  const seconds = (performance.now() - began) / 1000;
  console.log(`\n${label}: ${ended.done} of ${ended.total}, ${ended.failed} refused, ${seconds.toFixed(1)} s, ${Math.round(ended.done / seconds)} a second`);
  show(label, quiet, beside);
  all[label] ??= { read: [], create: [] };
  for (const kind of Object.keys(rates)) {
    all.quiet[kind].push(...quiet[kind]);
    all[label][kind].push(...beside[kind]);
  }
}

await server.init('Bench', 'owner@example.com');
await server.start();
try {
  const [a, b, other] = await Promise.all(['Alpha', 'Beta', 'Others'].map(async (name) => (await must('POST', '/v1/companies', { name })).id));
  const known = await Promise.all(Array.from({ length: 100 }, async () => (await must('POST', '/v1/clients', person(other))).id));
  console.log(`${clients} clients; beside: ${Object.entries(rates).map(([kind, rate]) => `${rate} ${kind}s`).join(' and ')} a second`);
  for (let round = 0; round < rounds; round += 1) {
    const ids = [];
    while (ids.length < clients) {
      ids.push(...await Promise.all(Array.from({ length: 50 }, async () => (await must('POST', '/v1/clients', person(a))).id)));
    }
    await measure('invite', known, other, () => must('POST', '/v1/invites', { clientIds: ids }));
    await measure('move', known, other, () => must('POST', `/v1/companies/${a}/move-clients`, { companyId: b }));
    await measure('delete', known, other, () => must('POST', `/v1/companies/${b}/delete-clients`));
  }
  console.log(`\nall ${rounds} rounds together (asked for: p99 at most 2 times that of the quiet server)`);
  for (const label of Object.keys(all).slice(1)) show(label, all.quiet, all[label]);
} finally {
  agent.destroy();
  await server.stop();
  server.remove();
}
