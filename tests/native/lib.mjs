// Lib: libraries built against the header as it is installed, and put into the folder of a server.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const folder = mkdtempSync(join(tmpdir(), 'foyer-native-'));
export const prefix = join(folder, 'prefix');
const build = process.env.FOYER_BUILD ?? 'build/dev';
const quiet = { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' };

export function installHeader() {
  execFileSync('cmake', ['--install', build, '--prefix', prefix, '--component', 'development'], quiet);
}

export function removeFolder() { rmSync(folder, { recursive: true, force: true }); }

// The example as its author builds it; replace changes its source first. Gives the path of the library.
export function hello(replace = (text) => text, link = '') {
  const at = mkdtempSync(join(folder, 'hello-'));
  cpSync('examples/plugin-hello-c', at, { recursive: true });
  writeFileSync(join(at, 'hello.c'), replace(readFileSync(join(at, 'hello.c'), 'utf8')));
  execFileSync('make', ['-s', '-C', at, `PREFIX=${prefix}`, `LDFLAGS=${link}`, 'CFLAGS=-O1 -g -Wall -Wextra -Werror -Wpedantic'], quiet);
  return join(at, 'hello.so');
}

const cases = Object.fromEntries([...readFileSync('tests/native/hostile.c', 'utf8')
  .matchAll(/^#define ([A-Z_]+) +(\d+)/gm)].map(([, name, number]) => [name, number]));

export function hostile(name) {
  const library = join(mkdtempSync(join(folder, 'hostile-')), 'hostile.so');
  if (!(name in cases)) throw new Error(`hostile.c has no ${name}`);
  execFileSync('gcc', ['-std=gnu11', '-O1', '-g', '-Wall', '-Wextra', '-fPIC', '-fvisibility=hidden', '-shared',
    `-DCASE=${cases[name]}`, `-DSLOW=${process.env.FOYER_SANITIZER ? 20 : 1}`, `-I${join(prefix, 'include')}`, '-o', library, 'tests/native/hostile.c'], quiet);
  return library;
}

export const manifests = {
  hello: () => readFileSync('examples/plugin-hello-c/plugin.json', 'utf8'),
  hostile: () => JSON.stringify({
    id: 'hostile', name: 'Hostile', version: '1', api: 1, entry: 'hostile.so',
    capabilities: ['api', 'events', 'view_clients', 'manage_client_organizations'],
    provides: {
      rule: ['client.create', 'client.craete'], scope: ['client'], filter: ['client.create'], render: ['mail.invite'],
      event: ['client.created', 'client.craeted', 'hostile.told'], transaction: ['act', 'an act'],
    },
  }),
};

export const digest = (library) => createHash('sha256').update(readFileSync(library)).digest('hex');

// As a careful operator does: beside it, then in its place.
export function put(server, folder, library, id = folder) {
  const at = join(server.data, 'plugins', folder);
  mkdirSync(at, { recursive: true });
  writeFileSync(join(at, 'plugin.json'), manifests[id]());
  cpSync(library, join(at, `${id}.so.new`));
  renameSync(join(at, `${id}.so.new`), join(at, `${id}.so`));
}

export function pin(server, ...pins) {
  server.pins = join(server.folder, 'pins');
  server.env.FOYER_NATIVE_PLUGINS_FILE = server.pins;
  writeFileSync(server.pins, ['# who may run', ...pins, ''].join('\n'), { mode: 0o600 });
}

export const pinOf = (id, library) => `${id}=${digest(library)}`;

// What the running server says of its files; '' when all is well.
export async function reload(server) {
  const { code, stdout, stderr } = await server.command(['script', 'reload', '--data', server.data]);
  return code === 0 ? '' : (stdout + stderr).replaceAll('foyer script reload: ', '');
}
