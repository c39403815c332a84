// Examples: the plugins that people install, on a server, against peers that fail as real ones do.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { mailsOf } from '../stories/lib/mail.mjs';
import { init, until, well } from './lib.mjs';

async function peer(answer) {
  const heard = [];
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => { body += chunk; });
    request.on('end', () => {
      const one = { method: request.method, url: request.url, headers: request.headers, body };
      heard.push(one);
      answer(one, response);
    });
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return { heard, at: `127.0.0.1:${server.address().port}`, close() { server.closeAllConnections(); server.close(); } };
}

async function install(server, id) {
  const from = join('examples', `plugin-${id}`, id);
  assert.match(await well(server, 'plugin', 'check', from), /good/);
  assert.match((await server.command(['plugin', 'test', from])).stdout, /^\d+ tests? passed\n$/);
  assert.ok(readFileSync(join('examples', `plugin-${id}`, 'README.md'), 'utf8').includes(`examples/plugin-${id}/${id}`));
  mkdirSync(join(server.data, 'plugins'), { recursive: true });
  cpSync(from, join(server.data, 'plugins', id), { recursive: true });
}

const api = (server) => async (method, path, body, key = server.key) => {
  const answer = await fetch(server.base + path, { method, body: body && JSON.stringify(body),
    headers: { ...(key ? { 'x-api-key': key } : {}), ...(body ? { 'content-type': 'application/json' } : {}) } });
  const text = await answer.text();
  assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : null;
};

export const examples = {
  async the_audit_goes_to_an_archive_in_order_and_at_least_once(server) {
    const key = 'a key that nobody else has';
    let refuse = 0;
    const archive = await peer((one, response) => {
      if (refuse > 0) { refuse -= 1; response.writeHead(503).end('the disk is full'); } else response.writeHead(202).end();
    });
    try {
      await init(server);
      await install(server, 'audit-export');
      Object.assign(server.env, { FOYER_OUTGOING_ALLOW: archive.at });
      await server.start();
      const call = api(server);
      const name = (i) => call('POST', '/v1/clients', { givenName: 'Ann', familyName: `The ${i}.`, email: `ann${i}@example.com` });
      for (let i = 0; i < 7; i++) await name(i);
      refuse = 1;
      await call('PATCH', '/v1/plugins/audit-export', { settings: { endpoint: `http://${archive.at}/in`, key, token: 'a token', batch: 3 } });
      const lines = () => archive.heard.slice(1).flatMap(({ body }) => body.trim().split('\n').map((line) => JSON.parse(line)));
      const newest = async () => (await call('GET', '/v1/audit?limit=1')).data[0].number;
      const all = async () => lines().at(-1)?.number === await newest();
      // The clock is moved as minutes pass: a failed try comes again after one.
      const pass = (what, holds) => until(what, async () => { server.moveClock(61); return holds(); });
      await pass('all was sent', all);
      assert.equal(archive.heard[0].headers.authorization, 'Bearer a token');
      for (const { headers, body } of archive.heard) {
        const [, stamp, signature] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(headers['x-foyer-signature']);
        assert.equal(signature, createHmac('sha256', key).update(`${stamp}.${body}`).digest('hex'));
        assert.equal(headers['content-type'], 'application/x-ndjson');
        assert.ok(body.trim().split('\n').length <= 3);
      }
      assert.equal(archive.heard[0].body, archive.heard[1].body, 'what was refused comes again');
      assert.equal(archive.heard[0].headers['idempotency-key'], archive.heard[1].headers['idempotency-key']);
      assert.deepEqual(lines().map(({ number }) => number), [...Array(await newest())].map((_, i) => i + 1));
      const audit = (await call('GET', '/v1/audit?sort=createdAt&limit=100')).data;
      const told = (value) => JSON.parse(JSON.stringify(value, (_, one) => (one === null ? undefined : one)));
      assert.deepEqual(lines(), told(audit).slice(0, lines().length)); // null is left out

      // What comes later is sent once, over a restart, too. (What the cursor did not move over yet would come again.)
      const cursor = async () => /foyer_plugin_audit_cursor.* (\d+)\n/.exec(await (await fetch(`${server.base}/metrics`)).text())?.[1];
      await until('the cursor has moved', async () => await cursor() === `${await newest()}`);
      assert.equal(await server.stop(), 0);
      await server.start();
      await name(8);
      const before = lines().length;
      await pass('the newest was sent', all);
      assert.ok(lines().length > before);
      assert.deepEqual(lines().map(({ number }) => number), [...Array(await newest())].map((_, i) => i + 1));
      await until('the cursor has moved', async () => await cursor() === `${await newest()}`);
      const metrics = await (await fetch(`${server.base}/metrics`)).text();
      assert.match(metrics, /foyer_plugin_audit_cursor\{plugin="audit-export",workspace="[0-9a-f-]{36}"\} \d+\n/);
      assert.match(metrics, /foyer_plugin_audit_gaps_total\{plugin="audit-export"\} 0\n/);
      assert.ok(!server.stderr.includes(key) && !server.stderr.includes('a token'));

      // A backup is restored: the archive sees after which entry another history begins.
      const kept = lines().at(-1);
      await well(server, 'backup', join(server.folder, 'copy.tar'));
      await name(9);
      await pass('the newest was sent', all);
      assert.equal(await server.stop(), 0);
      const restored = join(server.folder, 'restored');
      assert.equal((await server.command(['restore', join(server.folder, 'copy.tar'), '--data', restored])).code, 0);
      server.data = restored;
      await server.start();
      await name(10);
      await pass('another history begins', () => archive.heard
        .filter(({ headers }) => headers['x-foyer-after'] === `${kept.number} ${kept.seal}`).length === 2);
      assert.equal(await server.stop(), 0);
    } finally {
      archive.close();
    }
  },

  async clients_and_companies_go_to_a_crm_that_is_not_always_well(server) {
    const token = 'canary-crm-token';
    const things = new Map(); // path -> { id, … }
    let trouble = null;
    let number = 0;
    const crm = await peer((one, response) => {
      const say = (status, body, headers = {}) => response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
      if (one.headers.authorization !== `Bearer ${token}`) return say(401, { error: 'who is there?' });
      if (trouble?.(one, say)) return undefined;
      const [, kind, id] = /^\/v1\/(\w+)(?:\/([^?]+))?/.exec(one.url);
      if (one.method === 'GET') {
        const external = new URL(one.url, 'http://x').searchParams.get('external_id');
        return say(200, { results: [...things.values()].filter((thing) => thing.kind === kind && thing.external_id === external) });
      }
      const path = `${kind}/${id ?? ''}`;
      if (one.method === 'POST') {
        const body = JSON.parse(one.body);
        if ([...things.values()].some((thing) => thing.kind === kind && thing.email && thing.email === body.email)) return say(409, { error: 'is there' });
        const made = { ...body, kind, id: ++number };
        things.set(`${kind}/${made.id}`, made);
        return say(201, { data: { id: made.id } });
      }
      if (!things.has(path)) return say(404, {});
      if (one.method === 'DELETE') things.delete(path);
      else Object.assign(things.get(path), JSON.parse(one.body));
      return say(200, things.get(path) ?? {});
    });
    const person = (name) => [...things.values()].find((thing) => thing.first_name === name);
    try {
      await init(server);
      await install(server, 'crm-sync');
      Object.assign(server.env, { FOYER_OUTGOING_ALLOW: crm.at });
      await server.start();
      const call = api(server);
      const pass = (what, holds) => until(what, async () => { server.moveClock(61); return holds(); });
      // Who was there before is sent, too: John and Jane of the demo, with their company.
      await call('PATCH', '/v1/plugins/crm-sync', { settings: { base: `http://${crm.at}/v1/`, token } });
      await pass('all are there', () => things.size === 3);
      const company = [...things.values()].find(({ kind }) => kind === 'companies');
      assert.equal(person('Jane').company_id, `${company.id}`);
      assert.equal(person('Jane').kind, 'contacts');

      // Somebody whom the CRM has already is adopted; who was deleted there is made anew; what is refused harms nobody else.
      const ann = await call('POST', '/v1/clients', { givenName: 'Ann', familyName: 'Lee', email: 'ann@example.com', companyId: company.external_id });
      things.set('contacts/900', { kind: 'contacts', id: 900, external_id: ann.id, email: 'ann@example.com', first_name: 'A.' });
      await pass('Ann was adopted', () => things.get('contacts/900').first_name === 'Ann');
      things.delete('contacts/900');
      trouble = (one, say) => one.body.includes('Refused') && (say(422, { error: 'no such title' }), true);
      await call('PATCH', `/v1/clients/${ann.id}`, { position: 'Refused' });
      const bob = await call('POST', '/v1/clients', { givenName: 'Bob', familyName: 'Lee', email: 'bob@example.com', companyId: company.external_id });
      await pass('Bob is there', () => person('Bob'));
      await pass('it is told', () => server.stderr.includes(`the CRM does not take the client ${ann.id}: 422`));
      assert.match(await well(server, 'plugin', 'run', 'crm-sync', 'status'), new RegExp(`^\\d+ wait\nclient/${ann.id}  422: `));
      await call('PATCH', `/v1/clients/${ann.id}`, { position: 'Clerk' });
      await pass('Ann was made anew', () => person('Ann')?.job_title === 'Clerk');

      // 429: nobody is sent until the CRM may be asked again; what changed meanwhile is sent once, as it is then.
      trouble = (one, say) => (say(429, {}, { 'retry-after': '600' }), true);
      const asked = crm.heard.length;
      await call('PATCH', `/v1/clients/${bob.id}`, { position: 'One' });
      await pass('it is asked', () => crm.heard.length > asked);
      await until('it waits', () => /the CRM asks to wait for 600 s/.test(server.stderr));
      trouble = null;
      await call('PATCH', `/v1/clients/${bob.id}`, { position: 'Two' });
      server.moveClock(120);
      await new Promise((resolve) => { setTimeout(resolve, 300); });
      assert.equal(crm.heard.length, asked + 1);
      await pass('the newest is sent', () => person('Bob').job_title === 'Two');
      assert.equal(crm.heard.length, asked + 2);

      // A server that is down: the job is tried again, and goes on.
      trouble = (one, say) => (say(503, { error: 'down' }), true);
      await call('PATCH', `/v1/clients/${bob.id}`, { position: 'Three' });
      await pass('it fails', async () => (await call('GET', '/v1/deliveries?handler=push&status=failed')).data.length > 0);
      trouble = null;
      await pass('it goes on', () => person('Bob').job_title === 'Three');

      // Everybody is sent again: what was lost there is made.
      things.delete(`contacts/${person('Jane').id}`);
      const before = crm.heard.length;
      await well(server, 'plugin', 'set', 'crm-sync', 'resync=again', 'deleted=delete', 'person_fields=givenName=first_name, email=email');
      await pass('Jane is back', () => person('Jane'));
      things.delete(`contacts/${person('John').id}`);
      assert.match(await well(server, 'plugin', 'run', 'crm-sync', 'resync'), /^all are marked/);
      await pass('John is back', () => person('John'));
      assert.ok(crm.heard.length - before < 25, `${crm.heard.length - before} requests`);
      await call('DELETE', `/v1/clients/${bob.id}`);
      await pass('Bob is gone', () => !person('Bob'));
      assert.match(await (await fetch(`${server.base}/metrics`)).text(), /foyer_plugin_crm_sent_total\{plugin="crm-sync",result="made"\} [1-9]/);
      assert.ok(!server.stderr.includes(token));
      assert.equal(await server.stop(), 0);
    } finally {
      crm.close();
    }
  },

  async whoever_is_new_gets_a_series_of_mails_and_none_twice(server) {
    await init(server);
    await install(server, 'welcome-series');
    await server.start();
    const call = api(server);
    await call('PATCH', '/v1/plugins/welcome-series', { settings: { enabled: true, start: 'created', until: 'active', link: 'https://portal.example.com/', language: 'lang' } });
    await call('POST', '/v1/custom-fields', { name: 'Language', key: 'lang', type: 'text' });
    const make = (name, more = {}, query = '') => call('POST', `/v1/clients${query}`, { givenName: name, familyName: 'Lee', email: `${name.toLowerCase()}@example.com`, ...more });
    const of = async (name) => (await mailsOf(server.data)).filter(({ to, subject }) => to.includes(`${name.toLowerCase()}@example.com`) && !/invit/i.test(subject));
    const count = async (...names) => (await Promise.all(names.map(of))).map(({ length }) => length);
    let day = 0;
    // To the next morning and a little further; then until nothing is left to be done.
    const days = async (number) => {
      for (let i = 0; i < number; i++) {
        server.moveClock(86_400);
        day += 1;
        await until(`day ${day}`, async () => {
          const job = (await call('GET', '/v1/jobs')).data.find(({ plugin }) => plugin === 'welcome-series');
          const open = (await call('GET', '/v1/deliveries?handler=remind&limit=100')).data.filter(({ status }) => status !== 'done');
          return Date.parse(job.nextAt) > Date.now() + Number(server.moved / 1000n) && open.length === 0;
        });
      }
    };
    const ann = await make('Ann', {}, '?sendInvite=true'); // invited: the first mail goes at once
    await make('Bob'); // not invited: nothing is sent
    const cid = await make('Cid', { customFields: { lang: 'de' } }, '?sendInvite=true');
    const dan = await make('Dan', { tags: ['no-mails'] }, '?sendInvite=true');
    const eve = await make('Eve', {}, '?sendInvite=true');
    await until('the first are sent', async () => `${await count('Ann', 'Cid', 'Eve')}` === '1,1,1');
    const [first] = await of('Ann');
    assert.equal(first.subject, 'Welcome to Cli');
    assert.match(first.text, /^Hello Ann,\n\nIt is good to have you\..*\n\nOpen your portal: https:\/\/portal\.example\.com\/\n\nCli\n*$/s);
    assert.match(first.html, /<a href="https:\/\/portal\.example\.com\/">Open your portal<\/a>/);
    assert.equal((await of('Cid'))[0].subject, 'Willkommen bei Cli');

    await days(2);
    assert.deepEqual(await count('Ann', 'Bob', 'Cid', 'Dan'), [1, 0, 1, 0]);
    await days(2);
    assert.deepEqual(await count('Ann', 'Bob', 'Cid', 'Dan'), [2, 0, 2, 0]);
    assert.equal((await of('Ann'))[1].subject, 'A word from Cli');
    // Cid is archived, Eve has signed in; Bob is invited at last.
    await call('DELETE', `/v1/clients/${cid.id}`);
    const [invite] = (await call('GET', `/v1/invites?clientId=${eve.id}`)).data;
    const { url } = await call('GET', `/v1/invites/${invite.id}/link`);
    await call('POST', '/v1/invites/accept', { token: url.split('/').pop(), password: 'a ladder of wet moss' }, null);
    const bob = (await call('GET', '/v1/clients?givenName=Bob')).data[0];
    await call('POST', '/v1/invites', { clientIds: [bob.id] });
    await days(4);
    assert.deepEqual(await count('Ann', 'Bob', 'Cid', 'Dan', 'Eve'), [3, 2, 2, 0, 2]);
    assert.equal((await of('Ann'))[2].subject, 'A last word from Cli');
    assert.equal((await of('Bob'))[0].subject, 'Welcome to Cli');
    await days(3);
    assert.deepEqual(await count('Ann', 'Bob', 'Cid', 'Dan', 'Eve'), [3, 3, 2, 0, 2]);

    // Switched off, nothing is sent; switched on much later, what is long overdue is left out.
    const fay = await make('Fay', {}, '?sendInvite=true');
    await until('the first is sent', async () => (await of('Fay')).length === 1);
    await well(server, 'plugin', 'disable', 'welcome-series');
    server.moveClock(5 * 86_400);
    await call('GET', `/v1/clients/${fay.id}`);
    server.moveClock(86_400);
    await well(server, 'plugin', 'enable', 'welcome-series');
    await days(1);
    assert.deepEqual(await count('Fay'), [2]);
    assert.equal((await of('Fay'))[1].subject, 'A last word from Cli');
    await call('GET', `/v1/clients/${ann.id}`);
    await call('GET', `/v1/clients/${dan.id}`);
    assert.match(await (await fetch(`${server.base}/metrics`)).text(), /foyer_plugin_welcome_ended_total\{plugin="welcome-series",why="archived"\} 1\n/);
    assert.equal(await server.stop(), 0);
  },

  async every_example_of_a_plugin_has_a_page_and_tests(server) {
    await init(server);
    const folders = readdirSync('examples').filter((name) => name.startsWith('plugin-') && name !== 'plugin-hello-c');
    for (const folder of folders) await install(server, folder.slice('plugin-'.length));
  },
};
