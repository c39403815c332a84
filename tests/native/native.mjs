// Native: plugins in C in a whole server. `run [PART OF A NAME]…`
// The last line is `N passed, N failed`.
import { Server } from '../stories/lib/server.mjs';
import { answers } from './answers.mjs';
import { handlers } from './handlers.mjs';
import { installHeader, removeFolder } from './lib.mjs';
import { life } from './life.mjs';
import { refused } from './refused.mjs';

const wanted = process.argv.slice(2);
let passed = 0;
let failed = 0;

installHeader();
for (const [name, check] of Object.entries({ ...life, ...refused, ...answers, ...handlers })) {
  if (wanted.length && !wanted.some((part) => name.includes(part))) continue;
  const began = Date.now();
  const server = new Server();
  Object.assign(server.env, { FOYER_ACCESS_LOG: 'no', FOYER_RATE_LIMIT_PER_KEY: '0' });
  try {
    await server.init('Native', 'owner@example.com');
    await check(server);
    const code = await server.stop();
    if (code !== 0) throw new Error(`the server ended with ${code}`);
    passed += 1;
    console.log(`ok ${name} (${Date.now() - began} ms)`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL ${name}\n    ${error.stack}\n${server.stderr ?? ''}`.replace(/\n/g, '\n    '));
  } finally {
    server.process?.kill('SIGKILL');
    server.remove();
  }
}
removeFolder();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
