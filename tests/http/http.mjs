// HTTP over real sockets: every vector whole and byte by byte, then what needs time or many
// connections (lib/checks.mjs). The last line is `N passed, N failed`.
//   tests/http/run [part of a name]...
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Server } from '../stories/lib/server.mjs';
import { checks } from './lib/checks.mjs';
import { readVectors } from './lib/vectors.mjs';
import { Wire, get, wait } from './lib/wire.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const parts = process.argv.slice(2);
const isWanted = (name) => parts.length === 0 || parts.some((part) => name.includes(part));
const AT_ONCE = 24;
const BYTE_BY_BYTE = 4096; // larger vectors are sent in pieces
let passed = 0;
let failed = 0;

function report(name, problem) {
  if (!problem) {
    passed += 1;
    return;
  }
  failed += 1;
  console.log(`FAIL ${name}\n    ${problem}`);
}

function differs(wanted, got) {
  if (!got) return `wanted ${wanted.status}, got no answer`;
  if (wanted.status !== 0 && got.status !== wanted.status) return `wanted ${wanted.status}, got ${got.status} ${got.body}`;
  if (wanted.code && wanted.method !== 'HEAD' && !got.body.includes(`"code":"${wanted.code}"`)) return `wanted code ${wanted.code}, got ${got.body}`;
  if (wanted.has && !got.raw.includes(wanted.has.toLowerCase())) return `wanted ${wanted.has} in ${got.raw}`;
  if (wanted.then === 'close' && got.headers.connection !== 'close') return `wanted Connection: close, got ${got.raw}`;
  if (wanted.then === 'keep' && got.headers.connection === 'close') return `closes: ${got.raw}`;
  return null;
}

// What is wrong with the server's answers, or null.
async function tryVector(base, vector, size) {
  const wire = await Wire.open(base);
  try {
    const sending = wire.writePieces(vector.bytes, size);
    for (const wanted of vector.answers) {
      if (wanted.isNothing) {
        await sending;
        await wait(100);
        return wire.got.length > 0 || wire.isEnded ? `wanted nothing, got ${wire.got}` : null;
      }
      const isHead = wanted.method === 'HEAD' || vector.bytes.subarray(0, 5).toString() === 'HEAD ';
      const problem = differs(wanted, await wire.answer(isHead ? 'HEAD' : 'GET'));
      if (problem) return problem;
      if (wanted.then === 'close') return (await wire.hasEnded()) ? null : `was not closed in order: ${wire.error} ${wire.got}`;
    }
    await sending;
    if (vector.answers.at(-1).then !== 'keep') return null;
    await wire.write(get('/healthz'));
    return (await wire.answer())?.status === 200 ? null : 'the next request on this connection was not answered';
  } catch (error) {
    return error.message;
  } finally {
    wire.close();
  }
}

async function runVectors(base) {
  const jobs = [];
  for (const vector of readVectors(here)) {
    const small = vector.bytes.length <= BYTE_BY_BYTE ? 1 : 1 + Math.ceil(vector.bytes.length / BYTE_BY_BYTE);
    for (const size of [vector.bytes.length, small]) {
      const name = `${vector.file} ${vector.name} ${size === small ? 'in pieces' : 'whole'}`;
      if (isWanted(name)) jobs.push(async () => report(name, await tryVector(base, vector, size)));
    }
  }
  const count = jobs.length;
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (jobs.length > 0) await jobs.shift()();
  }));
  if (count > 0) console.log(`ok ${count} runs of vectors`);
}

async function withServer(name, flags, run) {
  const server = new Server();
  Object.assign(server.env, flags.env ?? {});
  try {
    await server.init('HTTP', 'owner@example.com');
    if (!flags.isNotStarted) await server.start(['--rate-limit-per-key=0', `--loops=${flags.loops ?? 2}`]);
    await run(server);
    const code = await server.stop();
    if (code !== 0) throw new Error(`the server ended with ${code}\n${server.stderr.slice(-2000)}`);
  } catch (error) {
    report(name, `${error.stack}\n${(server.stderr ?? '').split('\n').slice(-8).join('\n')}`);
    await server.stop().catch(() => {});
    return;
  } finally {
    server.remove();
  }
  report(name, null);
}

await withServer('the server outlives all vectors', {}, (server) => runVectors(server.base));
for (const [name, { flags = {}, run }] of Object.entries(checks)) {
  if (!isWanted(name)) continue;
  await withServer(name, flags, run);
  console.log(`ok ${name}`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
