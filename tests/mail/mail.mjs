// Mail: runs the checks, each on a server and with peers of its own. `run [PART OF A NAME]…`
// The last line is `N passed, N failed`.
import { Server } from '../stories/lib/server.mjs';
import { Peer } from './peer.mjs';
import { answers } from './answers.mjs';
import { trouble } from './trouble.mjs';
import { secrecy } from './secrecy.mjs';
import { words } from './words.mjs';
import { command } from './command.mjs';
import { end } from './end.mjs';
import { owed } from './owed.mjs';

const wanted = process.argv.slice(2);
const checks = Object.entries({ ...owed, ...answers, ...trouble, ...secrecy, ...words, ...command, ...end })
  .filter(([name]) => !wanted.length || wanted.some((part) => name.includes(part)));
let passed = 0;
let failed = 0;

async function run(name, check) {
  const server = new Server();
  const peers = [];
  const peer = (options) => { peers.push(new Peer(options)); return peers.at(-1); };
  const began = Date.now();
  Object.assign(server.env, { FOYER_ACCESS_LOG: 'no', FOYER_RATE_LIMIT_PER_KEY: '0', FOYER_SMTP_TLS: 'never' });
  try {
    const told = await check(server, peer);
    const code = await server.stop();
    if (code !== 0) throw new Error(`the server ended with ${code}`);
    if (/ERROR: |runtime error|WARNING: ThreadSanitizer/.test(server.stderr ?? '')) throw new Error('a sanitizer spoke');
    passed += 1;
    console.log(`ok ${name} (${told ? `${told}, ` : ''}${((Date.now() - began) / 1000).toFixed(1)} s)`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL ${name}\n    ${error.stack}\n${(server.stderr ?? '').slice(-3000)}`.replace(/\n/g, '\n    '));
  } finally {
    server.process?.kill('SIGKILL');
    await Promise.all(peers.map((one) => one.close()));
    server.remove();
  }
}

// They wait more than they work.
async function worker() {
  for (let next = checks.shift(); next; next = checks.shift()) await run(...next);
}
await Promise.all([worker(), worker(), worker()]);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed || !passed ? 1 : 0);
