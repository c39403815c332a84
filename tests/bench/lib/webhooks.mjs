// Webhooks: a queue is filled while the endpoints are paused; they are resumed, and the fast one is timed until it has all.
// In each round each case has its turn, on a new workspace; medians count. CPU is that of the server from there on.
import { readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import { Server } from '../../stories/lib/server.mjs';

process.env.FOYER_BIN ??= 'build/release/foyer';
const rounds = Number(process.argv[2] ?? 3);
const messages = Number(process.env.MESSAGES ?? 2000);
const tick = 10_000; // µs: clock ticks of Linux are hundredths of a second
const cases = (process.argv[3] ?? "0 1 5 20").split(" ").map(Number);

function cpu(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ');
  return (Number(fields[11]) + Number(fields[12])) * tick;
}

// {url, came, close}; all resolves when `messages` have come.
async function receiver(delay) {
  const it = { came: 0 };
  it.all = new Promise((resolve) => { it.isWhole = resolve; });
  const made = http.createServer((request, response) => {
    request.resume();
    request.on('end', () => setTimeout(() => {
      response.writeHead(204).end();
      it.came += 1;
      if (it.came === messages) it.isWhole();
    }, delay));
  });
  await new Promise((resolve) => { made.listen(0, '127.0.0.1', resolve); });
  it.at = `127.0.0.1:${made.address().port}`;
  it.close = () => { made.closeAllConnections(); made.close(); };
  return it;
}

async function call(server, method, path, body) {
  const answer = await fetch(server.base + path, { method, body: body && JSON.stringify(body),
    headers: { 'x-api-key': server.key, ...(body ? { 'content-type': 'application/json' } : {}) } });
  if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`);
  return answer.json();
}

async function measure(slow) {
  const server = new Server();
  const fast = await receiver(0);
  const others = await Promise.all(Array.from({ length: slow }, () => receiver(5000)));
  Object.assign(server.env, { FOYER_ACCESS_LOG: 'no', FOYER_RATE_LIMIT_PER_KEY: '0', FOYER_LOG_LEVEL: 'warn',
    FOYER_OUTGOING_ALLOW: [fast, ...others].map(({ at }) => at).join(',') });
  await server.init('Webhooks', 'owner@example.com');
  await server.start(['--loops', '1']);
  const ids = [];
  for (const { at } of [...others, fast]) {
    const { id } = await call(server, 'POST', '/v1/webhook-endpoints', { url: `http://${at}/`, events: ['bench.*'] });
    await call(server, 'POST', `/v1/webhook-endpoints/${id}/pause`);
    ids.push(id);
  }
  for (let n = 0; n < messages; n += 50) {
    await Promise.all(Array.from({ length: 50 }, () => call(server, 'POST', '/v1/webhooks/bench.told', { amount: 100, text: 'a'.repeat(500) })));
  }
  for (const id of ids) {
    for (let count = 0; count < messages;) {
      ({ count } = await call(server, 'GET', `/v1/webhook-endpoints/${id}/deliveries?limit=1&count=true`));
    }
  }
  for (const id of ids.slice(0, -1)) await call(server, 'POST', `/v1/webhook-endpoints/${id}/resume`);
  await new Promise((resolve) => { setTimeout(resolve, slow ? 1000 : 0); }); // they have begun
  const before = cpu(server.process.pid);
  const began = process.hrtime.bigint();
  await call(server, 'POST', `/v1/webhook-endpoints/${ids.at(-1)}/resume`);
  await fast.all;
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  const result = { rate: messages / seconds, cpu: (cpu(server.process.pid) - before) / messages };
  [fast, ...others].forEach((one) => one.close());
  const code = await server.stop();
  rmSync(server.folder, { recursive: true });
  if (code !== 0) throw new Error(`the server ended with ${code}\n${server.stderr}`);
  return result;
}

const results = cases.map(() => []);
for (let round = 0; round < rounds; round += 1) for (const [i, slow] of cases.entries()) results[i].push(await measure(slow));
const of = (i, what) => results[i].map((result) => result[what]).sort((a, b) => a - b)[Math.floor(rounds / 2)];
console.log('a fast endpoint          deliveries/s  of alone  CPU µs each');
for (const [i, slow] of cases.entries()) {
  const name = slow ? `beside ${slow} slow one${slow > 1 ? 's' : ''}` : 'alone';
  console.log(`${name.padEnd(22)}  ${of(i, 'rate').toFixed(0).padStart(14)}  ${(of(i, 'rate') / of(0, 'rate')).toFixed(2).padStart(8)}  ${of(i, 'cpu').toFixed(0).padStart(11)}`);
}
