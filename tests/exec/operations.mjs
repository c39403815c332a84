// Operations: work on many things that goes on after its request, through crashes, ends and changed rules.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask, begin, create, ended, pause, until } from './lib.mjs';

const kills = process.env.FOYER_LONG ? 20 : 5;

async function must(server, method, path, body, headers) {
  const { status, text } = await ask(server, method, path, { body: body && JSON.stringify(body), headers });
  assert.ok(status < 300, `${method} ${path}: ${status} ${text}`);
  return { status, ...JSON.parse(text) };
}

async function company(server, name) {
  return (await must(server, 'POST', '/v1/companies', { name })).id;
}

// So many clients in the company; gives their ids.
async function people(server, companyId, count) {
  const ids = [];
  const worker = async (first) => {
    for (let i = first; i < count; i += 16) {
      ids.push((await must(server, 'POST', '/v1/clients',
        { givenName: 'Ann', familyName: `No. ${i}`, email: `${companyId.slice(-4)}${i}@example.com`, companyId })).id);
    }
  };
  await Promise.all(Array.from({ length: 16 }, (_, i) => worker(i)));
  return ids;
}

async function over(server, operation) {
  let now;
  await until('the operation ends', async () => {
    now = await must(server, 'GET', `/v1/operations/${operation.id}`);
    return now.endedAt;
  }, 120);
  return now;
}

// All pages of a list.
async function all(server, path) {
  const found = [];
  for (let token = ''; token !== undefined;) {
    const page = await must(server, 'GET', `${path}${path.includes('?') ? '&' : '?'}limit=1000${token}`);
    found.push(...page.data);
    token = page.nextToken ? `&nextToken=${encodeURIComponent(page.nextToken)}` : undefined;
  }
  return found;
}

// Every item has one verdict, and every client was changed once.
async function checkOnce(server, operation, ids, action) {
  const verdicts = await all(server, `/v1/operations/${operation.id}/verdicts?sort=number`);
  assert.deepEqual(verdicts.map(({ number }) => number), ids.map((_, i) => i + 1));
  assert.deepEqual(verdicts.map(({ id }) => id).sort(), [...ids].sort());
  assert.deepEqual(verdicts.filter(({ ok }) => !ok), []);
  const audit = (await all(server, `/v1/audit?action=${action}`)).filter(({ requestId }) => requestId === operation.requestId);
  assert.deepEqual(audit.map(({ entityId }) => entityId).sort(), [...ids].sort());
}

async function sound(server) {
  const { code, stdout, stderr } = await server.command(['check', '--data', server.data]);
  assert.equal(code, 0, stdout + stderr);
}

// Begun, and some items on its way. Gives how many.
async function underWay(server, operation, least) {
  let now;
  await until('some items are done', async () => {
    now = await must(server, 'GET', `/v1/operations/${operation.id}`);
    return now.done >= least || now.endedAt;
  });
  return now.done;
}

export const operations = {
  async kill_9_in_the_middle_of_an_operation_does_every_item_once(server) {
    await begin(server);
    const [a, b] = [await company(server, 'Alpha'), await company(server, 'Beta')];
    const ids = await people(server, a, 1200);
    const operation = await must(server, 'POST', `/v1/companies/${a}/move-clients`, { companyId: b });
    assert.equal(operation.status, 'queued');
    let killed = 0;
    for (let i = 0; i < kills; i += 1) {
      const done = await underWay(server, operation, (i * ids.length) / (kills + 1));
      await pause(Math.random() * 20);
      server.process.kill('SIGKILL');
      await ended(server);
      killed += done > 0 && done < ids.length;
      await sound(server);
      await server.start();
    }
    assert.ok(killed > 0, 'it was never killed in the middle');
    const last = await over(server, operation);
    assert.deepEqual([last.status, last.total, last.done, last.failed], ['done', ids.length, ids.length, 0]);
    await checkOnce(server, operation, ids, 'client.update');
    assert.equal((await must(server, 'GET', `/v1/clients?companyId=${a}&count=true&limit=1`)).count, 0);
    assert.equal((await must(server, 'GET', `/v1/clients?companyId=${b}&count=true&limit=1`)).count, ids.length);
    assert.equal(await server.stop(), 0);
    await sound(server);
  },

  async an_operation_stops_at_sigterm_and_goes_on_at_the_next_start(server) {
    await begin(server);
    const a = await company(server, 'Alpha');
    const ids = await people(server, a, 800);
    const operation = await must(server, 'POST', `/v1/companies/${a}/delete-clients`);
    assert.ok(await underWay(server, operation, 1) < ids.length);
    const began = Date.now();
    assert.equal(await server.stop(), 0);
    assert.ok(Date.now() - began < 20_000);
    await sound(server);
    await server.start();
    assert.equal((await over(server, operation)).done, ids.length);
    await checkOnce(server, operation, ids, 'client.delete');
  },

  async many_invites_are_one_operation_and_each_is_mailed_once(server) {
    await begin(server);
    const ids = await people(server, await company(server, 'Alpha'), 130);
    const body = { clientIds: [...ids, ids[0], '01900000-0000-7000-8000-000000000000'], message: 'Welcome aboard' };
    const headers = { 'idempotency-key': 'many-1' };
    const first = await ask(server, 'POST', '/v1/invites', { body: JSON.stringify(body), headers });
    assert.equal(first.status, 202);
    const again = await ask(server, 'POST', '/v1/invites', { body: JSON.stringify(body), headers });
    assert.equal(again.status, 202);
    assert.equal(again.text, first.text);
    for (const { headers: told } of [first, again]) {
      assert.equal(told.location, JSON.parse(first.text).url);
      assert.equal(told['retry-after'], '1');
    }
    const operation = JSON.parse(first.text);
    const last = await over(server, operation);
    assert.deepEqual([last.status, last.total, last.done, last.failed], ['done', 131, 131, 1]);
    const [refused] = (await must(server, 'GET', `/v1/operations/${operation.id}/verdicts?ok=false`)).data;
    assert.deepEqual([refused.code, refused.number], ['not_found', 131]);
    const invites = await all(server, '/v1/invites');
    assert.deepEqual(invites.map(({ clientId }) => clientId).sort(), [...ids].sort());
    assert.ok(invites.every(({ message }) => message === 'Welcome aboard'));
    await until('all mails went out', async () => (await all(server, '/v1/invites')).every(({ delivery }) => delivery === 'sent'), 60);
  },

  async more_than_ten_thousand_are_refused_and_ten_thousand_taken(server) {
    await begin(server);
    const ids = Array.from({ length: 10_001 }, (_, i) => `01900000-0000-7000-8000-${String(i).padStart(12, '0')}`);
    const refused = await ask(server, 'POST', '/v1/invites', { body: JSON.stringify({ clientIds: ids }) });
    assert.equal(refused.status, 400);
    assert.equal(JSON.parse(refused.text).errors[0].field, 'clientIds');
    const operation = await must(server, 'POST', '/v1/invites', { clientIds: ids.slice(1) });
    const last = await over(server, operation);
    assert.deepEqual([last.total, last.done, last.failed], [10_000, 10_000, 10_000]);
  },

  async two_operations_over_the_same_clients_do_each_once(server) {
    await begin(server);
    const [a, b] = [await company(server, 'Alpha'), await company(server, 'Beta')];
    const ids = await people(server, a, 300);
    const [moved, deleted] = await Promise.all([
      must(server, 'POST', `/v1/companies/${a}/move-clients`, { companyId: b }),
      must(server, 'POST', `/v1/companies/${a}/delete-clients`),
    ]);
    const ends = [await over(server, moved), await over(server, deleted)];
    assert.ok(ends.every(({ status, done, total }) => status === 'done' && done === total));
    assert.equal(ends.reduce((all, { total, failed }) => all + total - failed, 0), ids.length); // each once
    const codes = new Set([...await all(server, `/v1/operations/${moved.id}/verdicts?ok=false`),
      ...await all(server, `/v1/operations/${deleted.id}/verdicts?ok=false`)].map(({ code }) => code));
    assert.ok([...codes].every((code) => code === 'not_found' || code === 'left_company'), [...codes].join());
    assert.equal((await must(server, 'GET', '/v1/clients?count=true&limit=1')).count, ids.length - (ends[1].total - ends[1].failed));
  },

  async rules_that_change_in_the_middle_hold_for_the_rest(server) {
    await begin(server);
    const a = await company(server, 'Alpha');
    await people(server, a, 1200);
    const operation = await must(server, 'POST', `/v1/companies/${a}/delete-clients`);
    await underWay(server, operation, 20);
    mkdirSync(join(server.data, 'scripts'), { recursive: true });
    writeFileSync(join(server.data, 'scripts', 'stop.lua'), 'local foyer = require("foyer")\n'
      + 'foyer.rule("client.delete", function() return foyer.deny("not_today", "Not today.") end)\n');
    await must(server, 'POST', '/v1/plugins/reload');
    const last = await over(server, operation);
    assert.equal(last.status, 'done');
    assert.equal(last.done, 1200);
    assert.ok(last.failed > 0 && last.failed < 1200, `refused: ${last.failed}`);
    const refused = await all(server, `/v1/operations/${operation.id}/verdicts?ok=false`);
    assert.ok(refused.every(({ code, message }) => code === 'not_today' && message === 'Not today.'));
    assert.equal((await must(server, 'GET', '/v1/clients?count=true&limit=1')).count, last.failed);
  },

  async a_rule_that_fails_is_a_verdict_and_holds_up_nothing(server) {
    await begin(server);
    const a = await company(server, 'Alpha');
    await people(server, a, 120);
    mkdirSync(join(server.data, 'scripts'), { recursive: true });
    writeFileSync(join(server.data, 'scripts', 'broken.lua'), 'local foyer = require("foyer")\n'
      + 'foyer.rule("client.delete", function(ctx) if ctx.target.familyName == "No. 7" then error("oh") end end)\n');
    await must(server, 'POST', '/v1/plugins/reload');
    const operation = await must(server, 'POST', `/v1/companies/${a}/delete-clients`);
    const last = await over(server, operation);
    assert.deepEqual([last.status, last.done, last.failed], ['done', 120, 1]);
    const [refused] = await all(server, `/v1/operations/${operation.id}/verdicts?ok=false`);
    assert.equal(refused.code, 'rule_error');
  },

  async a_cancelled_operation_leaves_the_rest(server) {
    await begin(server);
    const a = await company(server, 'Alpha');
    const ids = await people(server, a, 1200);
    const operation = await must(server, 'POST', `/v1/companies/${a}/delete-clients`);
    await underWay(server, operation, 20);
    const cancelled = await must(server, 'POST', `/v1/operations/${operation.id}/cancel`);
    assert.equal(cancelled.status, 'cancelled');
    assert.ok(cancelled.done < ids.length);
    await pause(300);
    const later = await must(server, 'GET', `/v1/operations/${operation.id}`);
    assert.equal(later.done, cancelled.done);
    assert.equal((await must(server, 'GET', `/v1/clients?companyId=${a}&count=true&limit=1`)).count, ids.length - later.done);
    assert.equal((await ask(server, 'POST', `/v1/operations/${operation.id}/cancel`)).status, 409);
  },

  async operations_take_turns_and_requests_come_between(server) {
    await begin(server);
    const [a, b] = [await company(server, 'Alpha'), await company(server, 'Beta')];
    await Promise.all([people(server, a, 700), people(server, b, 150)]);
    const long = await must(server, 'POST', `/v1/companies/${a}/delete-clients`);
    const short = await must(server, 'POST', `/v1/companies/${b}/delete-clients`);
    assert.equal((await create(server)).status, 200);
    await over(server, short);
    const other = await must(server, 'GET', `/v1/operations/${long.id}`);
    assert.ok(!other.endedAt || other.endedAt > (await must(server, 'GET', `/v1/operations/${short.id}`)).endedAt,
      'the short one waited for the long one');
    await over(server, long);
  },

  async a_company_of_many_is_deleted_by_an_operation(server) {
    await begin(server);
    const a = await company(server, 'Alpha');
    const ids = await people(server, a, 150);
    await must(server, 'DELETE', `/v1/clients/${ids[0]}`);
    const operation = await must(server, 'DELETE', `/v1/companies/${a}`);
    assert.equal(operation.kind, 'company.delete');
    const last = await over(server, operation);
    assert.deepEqual([last.status, last.total, last.failed], ['done', 149, 0]);
    assert.equal((await ask(server, 'GET', `/v1/companies/${a}`)).status, 404);
    assert.equal((await must(server, 'GET', '/v1/companies?isPlaceholder=true&count=true&limit=1')).count, 149);
    const audit = (await must(server, 'GET', '/v1/audit?action=company.delete')).data;
    assert.deepEqual(audit.map(({ entityId, requestId }) => [entityId, requestId]), [[a, operation.requestId]]);
    assert.equal(await server.stop(), 0);
    await sound(server);
  },
};
