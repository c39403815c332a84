// Stories: whole conversations in plain text, each against a fresh server. How one is written stands
// in README.md. `run [FILE…]` tells those alone; the last line is `N passed, N failed`.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from './lib/parse.mjs';
import { tell } from './lib/tell.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const named = process.argv.slice(2);
let files = named.length ? named
  : readdirSync(here).filter((name) => name.endsWith('.story')).sort().map((name) => join(here, name));
if (process.env.FOYER_FEW) {
  const few = Number(process.env.FOYER_FEW);
  const stride = Math.max(1, files.length / few);
  files = files.filter((_, i) => Math.floor(i / stride) !== Math.floor((i - 1) / stride)).slice(0, few);
}

let passed = 0;
const failures = [];

async function worker() {
  for (let file = files.shift(); file; file = files.shift()) {
    const name = basename(file, '.story');
    try {
      await tell(parse(readFileSync(file, 'utf8'), file));
      passed += 1;
      console.log(`ok ${name}`);
    } catch (error) {
      failures.push(name);
      console.log(`FAILED ${name}\n${String(error.story ?? error.stack).replace(/^/gm, '    ')}`);
    }
  }
}
await Promise.all([worker(), worker()]);
console.log(`${passed} passed, ${failures.length} failed`);
process.exit(failures.length || !passed ? 1 : 0);
