// Trouble: endpoints that refuse, stall, flood, lead elsewhere and go; and a server that is killed.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask, ended, pause, until } from '../exec/lib.mjs';
import { begin, call, client, count, hook, list, receiver, state } from './lib.mjs';

const answering = (status, headers = {}, text = '') => (_, response) => response.writeHead(status, headers).end(text);

function pour(_, response) {
  const piece = Buffer.alloc(65536, 'a');
  const more = () => { while (!response.destroyed && response.write(piece)); };
  response.writeHead(200);
  response.on('drain', more);
  more();
}

function drip(_, response) {
  response.writeHead(200);
  const timer = setInterval(() => response.write('a'), 50);
  response.on('close', () => clearInterval(timer));
}

export const trouble = {
  async a_try_that_failed_comes_again_under_the_same_id(server, receivers) {
    const one = await receiver(receivers, answering(500, {}, 'out of paper'));
    await begin(server, receivers);
    const endpoint = await hook(server, one, ['client.created']);
    await client(server);
    const failed = await state(server, endpoint, 'failed');
    assert.equal(failed.error, 'it answered 500');
    const [attempt] = await list(server, endpoint, 'attempts');
    assert.equal(attempt.answer, 'out of paper');
    assert.ok(Date.parse(attempt.nextTryAt) > Date.parse(attempt.at));
    let now = await call(server, 'GET', `/v1/webhook-endpoints/${endpoint.id}`);
    assert.deepEqual([now.failures, now.lastFailureStatus, now.lastFailure], [1, 500, 'it answered 500']);
    one.serve = answering(200);
    server.moveClock(61);
    await state(server, endpoint, 'done');
    assert.equal(one.took.length, 2);
    assert.equal(one.took[0].headers['webhook-id'], one.took[1].headers['webhook-id']);
    assert.equal(one.took[0].text, one.took[1].text);
    assert.notEqual(one.took[0].headers['webhook-timestamp'], one.took[1].headers['webhook-timestamp']);
    now = await call(server, 'GET', `/v1/webhook-endpoints/${endpoint.id}`);
    assert.deepEqual([now.failures, now.failingSince], [0, null]);
    assert.equal((await list(server, endpoint, 'attempts')).length, 2);
  },

  async whoever_asks_for_time_gets_it_within_bounds(server, receivers) {
    const receiving = await Promise.all([['503', '3600'], ['429', '8640000'], ['500', '3600'], ['503', 'soon']]
      .map(([status, after]) => receiver(receivers, answering(Number(status), { 'retry-after': after }))));
    await begin(server, receivers);
    const endpoints = [];
    for (const one of receiving) endpoints.push(await hook(server, one, ['client.created']));
    await client(server);
    const waits = [];
    for (const endpoint of endpoints) {
      const { triedAt, dueAt } = await state(server, endpoint, 'failed');
      waits.push(Math.round((Date.parse(dueAt) - Date.parse(triedAt)) / 1000));
    }
    assert.deepEqual(waits, [3600, 12 * 3600, 60, 60]);
  },

  async hostile_endpoints_are_left_and_the_admin_reads_why(server, receivers) {
    const inner = await receiver(receivers);
    const hostile = await Promise.all([pour, drip, (_, response) => response.destroy(), answering(302, { location: inner.url }), () => {}]
      .map((serve) => receiver(receivers, serve)));
    await begin(server, receivers);
    await call(server, 'PATCH', '/v1/plugins/webhooks', { settings: { timeout: 1 } });
    const endpoints = [];
    for (const one of hostile) endpoints.push(await hook(server, one, ['client.created']));
    const began = Date.now();
    await client(server);
    for (const [n, reason] of [/is larger than 1000000 bytes$/, /has not answered in 1 s$/, /closed before its answer was whole$/,
      /^it answered 302: redirects are not followed/, /has not answered in 1 s$/].entries()) {
      assert.match((await state(server, endpoints[n], 'failed')).error, reason);
    }
    assert.ok(Date.now() - began < 60_000);
    assert.equal(inner.took.length, 0);
    // an address that the operator does not list any more
    delete server.env.FOYER_OUTGOING_ALLOW;
    await server.restart(['--loops', '1']);
    await call(server, 'POST', `/v1/webhook-endpoints/${endpoints[3].id}/test`);
    const dead = await state(server, endpoints[3], 'dead');
    assert.match(dead.error, /^127\.0\.0\.1:\d+ is at 127\.0\.0\.1:\d+, an address of this machine: none is reached that the setting outgoing_allow/);
  },

  async one_that_wants_nothing_any_more_is_paused_and_somebody_is_told(server, receivers) {
    const one = await receiver(receivers, answering(410));
    await begin(server, receivers);
    const endpoint = await hook(server, one, ['client.created']);
    await Promise.all([client(server), client(server), client(server)]);
    let now;
    await until('it is paused', async () => {
      now = await call(server, 'GET', `/v1/webhook-endpoints/${endpoint.id}`);
      return now.status === 'paused';
    });
    assert.match(now.pausedReason, /410/);
    const mails = () => readdirSync(join(server.data, 'mail', 'new')).map((name) => readFileSync(join(server.data, 'mail', 'new', name), 'utf8'));
    await until('the owner is told', () => mails().length > 0);
    await pause(200);
    assert.equal(mails().length, 1);
    assert.match(mails()[0], /To: .*owner@example\.com/);
    assert.match(mails()[0], /410/);
    // when it is well again, it gets what it has missed
    one.serve = answering(200);
    await call(server, 'POST', `/v1/webhook-endpoints/${endpoint.id}/resume`);
    server.moveClock(61);
    await until('all three came', async () => (await list(server, endpoint, 'deliveries', 'status=done')).length === 3);
  },

  async one_that_has_taken_nothing_for_days_is_paused(server, receivers) {
    const one = await receiver(receivers, answering(500));
    await begin(server, receivers);
    const endpoint = await hook(server, one, ['client.created']);
    await client(server);
    for (let tries = 1; tries <= 8; tries += 1) {
      await count(one, tries);
      await until('it is over', async () => (await list(server, endpoint, 'attempts')).length === tries);
      server.moveClock(12 * 3600 + 1);
    }
    assert.equal((await state(server, endpoint, 'dead')).attempts, 8);
    assert.equal((await call(server, 'GET', `/v1/webhook-endpoints/${endpoint.id}`)).status, 'active');
    await client(server);
    await client(server);
    await until('it is paused', async () => (await call(server, 'GET', `/v1/webhook-endpoints/${endpoint.id}`)).status === 'paused');
    // and what was given up is sent again when somebody says so
    one.serve = answering(200);
    await call(server, 'POST', `/v1/webhook-endpoints/${endpoint.id}/resume`);
    const refused = await ask(server, 'POST', `/v1/webhook-endpoints/${endpoint.id}/replay`, { body: '{}' });
    assert.equal(refused.status, 400);
    const { data } = await call(server, 'POST', `/v1/webhook-endpoints/${endpoint.id}/replay`, { since: '2020-01-01T00:00:00Z' });
    assert.equal(data.length, 1);
    server.moveClock(61);
    await until('all are done', async () => (await list(server, endpoint, 'deliveries', 'status=done')).length === 3);
    const [done] = await list(server, endpoint, 'deliveries');
    const before = one.took.length;
    await call(server, 'POST', `/v1/webhook-endpoints/${endpoint.id}/replay`, { deliveryId: done.id });
    await count(one, before + 1);
    assert.equal(one.took.at(-1).headers['webhook-id'], done.id);
  },

  async many_slow_endpoints_delay_no_other(server, receivers) {
    const slow = [];
    for (let n = 0; n < 30; n += 1) slow.push(await receiver(receivers, (_, response) => setTimeout(() => response.writeHead(200).end(), 4000)));
    const fast = await receiver(receivers);
    await begin(server, receivers);
    for (const one of slow) await hook(server, one, ['client.created']);
    await hook(server, fast, ['client.created']);
    for (let n = 0; n < 40; n += 1) await client(server);
    await count(fast, 40);
    assert.ok(slow.every(({ took }) => took.length < 40));
  },

  async after_a_kill_everything_comes_at_least_once(server, receivers) {
    const one = await receiver(receivers, (_, response) => setTimeout(() => response.writeHead(200).end(), 5));
    await begin(server, receivers);
    await hook(server, one, ['client.created']);
    const made = [];
    for (let round = 0; round < 3; round += 1) {
      for (let n = 0; n < 15; n += 1) made.push((await client(server)).id);
      server.process.kill('SIGKILL');
      await ended(server);
      await server.start(['--loops', '1']);
    }
    const ids = () => new Map(one.took.map(({ body, headers }) => [body.data.id, headers['webhook-id']]));
    await until('each has come', () => made.every((id) => ids().has(id)));
    // and what came twice came under one id
    for (const { body, headers } of one.took) assert.equal(headers['webhook-id'], ids().get(body.data.id));
  },
};
