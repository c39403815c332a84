// SDK: the vendor's npm SDK, unchanged, against the server. It is written for bundlers, so esbuild
// bundles it together with each check. The last line is `N passed, N failed`.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { Server } from '../stories/lib/server.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'foyer-sdk-'));
const server = new Server();
let passed = 0;
let failed = 0;

async function bundle() {
  const outfile = join(folder, 'checks.mjs');
  await build({
    entryPoints: [join(here, 'checks.mjs')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    nodePaths: [join(here, '..', 'node_modules')],
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  return import(pathToFileURL(outfile));
}

try {
  process.env.ASSEMBLY_ENV = 'local'; // lets the SDK take a key without a token
  await server.init('Rocket Agency', 'owner@example.com', ['--demo']);
  await server.start();
  const { checks, connect } = await bundle();
  const api = connect(server.base, server.key);
  for (const [name, check] of Object.entries(checks)) {
    try {
      await check(api);
      passed += 1;
      console.log(`ok ${name}`);
    } catch (error) {
      failed += 1;
      console.log(`FAILED ${name}\n    ${error.stack}\n    ${JSON.stringify(error.body)}`);
    }
  }
  if (await server.stop() !== 0) throw new Error(`the server ended badly\n${server.stderr}`);
} catch (error) {
  failed += 1;
  console.log(`FAILED to run\n    ${error.stack}\n${server.stderr ?? ''}`);
} finally {
  await server.stop();
  server.remove();
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed || !passed ? 1 : 0);
