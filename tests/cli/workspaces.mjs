// Workspaces: more than one in a data folder, made beside a running server and without one.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fails, init, json, status, well } from './lib.mjs';

const create = (email, ...more) => ['workspace', 'create', '--workspace', 'Moss Law', '--email', email, ...more];

async function seen(server, key) {
  const answer = await fetch(`${server.base}/v1/workspaces`, { headers: { 'x-api-key': key } });
  return (await answer.json()).id;
}

export const workspaces = {
  async a_second_workspace_is_made_beside_a_running_server(server) {
    const first = await server.init('Cli', 'owner@example.com', ['--demo']);
    await server.start();
    const said = await well(server, ...create('boss@example.com', '--demo'));
    const [, id, key, path] = /^workspace: (\S+)\nowner: boss@example\.com\napi_key: (foyer_[\w-]{43})\nsign_in: http:\/\/[^/]+(\/sign-in\/[\w-]+)\n$/.exec(said);
    assert.equal(await seen(server, key), id);
    assert.equal(await seen(server, server.key), first.workspace);
    assert.equal((await fetch(server.base + path)).status, 200);
    assert.deepEqual((await json(server, 'workspace', 'list')).map(({ name, clients, staff }) => [name, clients, staff]),
      [['Cli', 2, 1], ['Moss Law', 2, 1]]);
    assert.match(await well(server, 'workspace', 'list'), new RegExp(`${id} +Moss Law +2 clients, 1 staff`));
    await fails(server, /several workspaces: name one by --workspace ID; `foyer workspace list`/, 'key', 'list');
    await fails(server, /no such workspace: `foyer workspace list`/, 'key', 'list', '--workspace', '01900000-0000-7000-8000-000000000000');
    assert.equal((await json(server, 'key', 'list', '--workspace', id)).length, 1);
  },

  async the_same_is_done_without_a_server_and_with_a_password(server) {
    await init(server);
    writeFileSync(join(server.folder, 'password'), 'a ladder of wet moss\n');
    const made = await json(server, ...create('boss@example.com', '--password-file', join(server.folder, 'password')));
    assert.equal(made.signIn, null);
    await server.start();
    assert.equal(await status(server, made.apiKey), 200);
    const login = await fetch(`${server.base}/v1/auth/login`, { method: 'POST', headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'boss@example.com', password: 'a ladder of wet moss' }) });
    assert.equal(login.status, 200);
    assert.equal((await login.json()).workspace.id, made.workspace);
  },

  async one_address_may_own_both_with_a_password_each(server) {
    await init(server);
    await json(server, ...create('owner@example.com'));
    assert.equal((await json(server, 'workspace', 'list')).length, 2);
  },

  async a_link_begins_with_what_is_known_of_the_server(server) {
    await init(server);
    assert.match((await json(server, ...create('a@example.com'))).signIn, /^http:\/\/127\.0\.0\.1:8080\/sign-in\//);
    const given = await json(server, ...create('b@example.com', '--base-url', 'https://portal.example.com'));
    assert.match(given.signIn, /^https:\/\/portal\.example\.com\/sign-in\//);
    await server.start();
    assert.ok((await json(server, ...create('c@example.com'))).signIn.startsWith(`${server.base}/sign-in/`));
  },

  async mistakes_make_no_workspace(server) {
    await init(server);
    const tell = async () => [
      await fails(server, /--workspace: Give a name/, 'workspace', 'create', '--workspace', ' ', '--email', 'a@example.com'),
      await fails(server, /--email: `boss` is no address/, ...create('boss')),
      await fails(server, /no-such-file/, ...create('a@example.com', '--password-file', 'no-such-file')),
    ];
    const without = await tell();
    await server.start();
    assert.deepEqual(await tell(), without);
    assert.equal((await json(server, 'workspace', 'list')).length, 1);
    server.data = join(server.folder, 'other');
    mkdirSync(server.data);
    await fails(server, /foyer init/, 'workspace', 'list');
  },
};
