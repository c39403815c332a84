// Readers: what is slow by nature is read beside the loops, and counted.
import assert from 'node:assert/strict';
import { ask, begin, create } from './lib.mjs';

async function metric(server, name) {
  const { text } = await ask(server, 'GET', '/metrics', { key: '' });
  const line = text.split('\n').find((one) => one.startsWith(`${name} `));
  assert.ok(line, `${name} is not in /metrics`);
  return Number(line.slice(name.length + 1));
}

const SLOW = 'foyer_reader_reads_total{why="slow"}';
const AGAIN = 'foyer_reader_reads_total{why="over_budget"}';

export const readers = {
  async searches_counts_and_large_pages_are_read_on_readers(server) {
    server.env.FOYER_READS = ''; // where each has its place
    server.env.FOYER_ACCESS_LOG = 'yes';
    await begin(server, ['--loops', '2', '--readers', '3']);
    for (let i = 0; i < 5; i++) await create(server);
    const before = await metric(server, SLOW);
    const targets = ['/v1/clients?q=ann', '/v1/clients?count=true&limit=1', '/v1/clients?limit=1000', '/v1/clients', '/v1/clients?limit=250'];
    const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => ask(server, 'GET', targets[i % 5])));
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
    assert.equal(JSON.parse(answers[0].text).data.length, 5);
    assert.equal(JSON.parse(answers[1].text).count, 5);
    assert.equal(await metric(server, SLOW) - before, 60);
    assert.equal(await metric(server, AGAIN), 0);
    assert.equal(await metric(server, 'foyer_queue_length{queue="readers"}'), 0);
    assert.equal(await metric(server, 'foyer_reader_refused_total'), 0);
    assert.equal(await server.stop(), 0); // lines are written a moment after the answers
    const lines = server.stderr.split('\n').filter((line) => line.includes('path=/v1/clients ') && line.includes('method=GET'));
    assert.equal(lines.filter((line) => line.includes('on=reader')).length, 60);
  },

  async a_search_sees_what_was_just_written(server) {
    await begin(server, ['--loops', '2']);
    for (let i = 0; i < 20; i++) {
      const { id } = JSON.parse((await create(server)).text);
      const found = JSON.parse((await ask(server, 'GET', '/v1/clients?q=ann&limit=1&count=true')).text);
      assert.equal(found.data[0].id, id);
      assert.equal(found.count, i + 1);
    }
    assert.equal(await server.stop(), 0);
  },
};
