// Exec: runs the checks of bad_plugins.mjs, fetches.mjs, life.mjs, operations.mjs, readers.mjs and trouble.mjs, each on a server of its own. `run [PART OF A NAME]…`
// The last line is `N passed, N failed`.
import { Server } from '../stories/lib/server.mjs';
import { badPlugins } from './bad_plugins.mjs';
import { fetches } from './fetches.mjs';
import { life } from './life.mjs';
import { operations } from './operations.mjs';
import { readers } from './readers.mjs';
import { trouble } from './trouble.mjs';

const wanted = process.argv.slice(2);
let passed = 0;
let failed = 0;

for (const [name, check] of Object.entries({ ...badPlugins, ...fetches, ...life, ...operations, ...readers, ...trouble })) {
  if (wanted.length && !wanted.some((part) => name.includes(part))) continue;
  const server = new Server();
  Object.assign(server.env, { FOYER_ACCESS_LOG: 'no', FOYER_RATE_LIMIT_PER_KEY: '0' });
  try {
    await check(server);
    passed += 1;
    console.log(`ok ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL ${name}\n    ${error.stack}\n${server.stderr ?? ''}`.replace(/\n/g, '\n    '));
  } finally {
    server.process?.kill('SIGKILL');
    server.remove();
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
