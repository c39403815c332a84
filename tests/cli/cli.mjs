// Cli: runs the checks, each on a data folder of its own, a few at a time. `run [PART OF A NAME]…`
// The last line is `N passed, N failed`.
import { Server } from '../stories/lib/server.mjs';
import { backups } from './backups.mjs';
import { control } from './control.mjs';
import { examples } from './examples.mjs';
import { figures } from './figures.mjs';
import { looks } from './looks.mjs';
import { plugins } from './plugins.mjs';
import { scripts } from './scripts.mjs';
import { secrets } from './secrets.mjs';
import { workspaces } from './workspaces.mjs';

const AT_ONCE = 3;
const wanted = process.argv.slice(2);
let passed = 0;
let failed = 0;

async function run(name, check) {
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

const checks = Object.entries({ ...control, ...backups, ...examples, ...figures, ...looks, ...plugins, ...scripts, ...secrets, ...workspaces })
  .filter(([name]) => !wanted.length || wanted.some((part) => name.includes(part)));
async function work() {
  for (let next = checks.shift(); next; next = checks.shift()) await run(...next);
}
await Promise.all(Array.from({ length: AT_ONCE }, work));
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
