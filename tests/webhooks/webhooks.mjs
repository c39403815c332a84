// Webhooks: runs the checks of sent.mjs and trouble.mjs, each on a server of its own. `run [PART OF A NAME]…`
// The last line is `N passed, N failed`.
import { Server } from '../stories/lib/server.mjs';
import { sent } from './sent.mjs';
import { trouble } from './trouble.mjs';

const wanted = process.argv.slice(2);
let passed = 0;
let failed = 0;

for (const [name, check] of Object.entries({ ...sent, ...trouble })) {
  if (wanted.length && !wanted.some((part) => name.includes(part))) continue;
  const server = new Server();
  const receivers = [];
  Object.assign(server.env, { FOYER_ACCESS_LOG: 'no', FOYER_RATE_LIMIT_PER_KEY: '0' });
  try {
    await check(server, receivers);
    if (await server.stop() !== 0) throw new Error('the server ended badly');
    passed += 1;
    console.log(`ok ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL ${name}\n    ${error.stack}\n${server.stderr ?? ''}`.replace(/\n/g, '\n    '));
  } finally {
    server.process?.kill('SIGKILL');
    receivers.forEach((one) => one.close());
    server.remove();
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
