// Life: how a server starts, what it says of itself, and how it ends.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Wire, ask, begin, create, ended, pause, person, until } from './lib.mjs';

export const life = {
  async the_first_line_says_where_it_listens(server) {
    await begin(server); // waits for exactly that line
    const answer = await ask(server, 'GET', '/v1/clients');
    assert.equal(answer.status, 200);
    assert.equal(await server.stop(), 0);
  },

  async a_missing_folder_says_how_to_make_one(server) {
    const { code, stderr } = await server.command(['serve', '--data', server.data, '--listen', '127.0.0.1:0']);
    assert.equal(code, 1);
    assert.match(stderr, /foyer init --data /);
  },

  async a_folder_without_a_database_says_so(server) {
    const { code, stderr } = await server.command(['serve', '--data', server.folder, '--listen', '127.0.0.1:0']);
    assert.equal(code, 1);
    assert.match(stderr, /foyer init --data /);
  },

  async what_is_no_database_is_refused(server) {
    await server.init('Exec', 'owner@example.com');
    writeFileSync(join(server.data, 'foyer.db'), 'something else '.repeat(1000));
    const { code, stderr } = await server.command(['serve', '--data', server.data, '--listen', '127.0.0.1:0']);
    assert.equal(code, 1);
    assert.match(stderr, /not a database of Foyer/);
  },

  async a_second_server_on_the_folder_is_refused(server) {
    await begin(server);
    const { code, stderr } = await server.command(['serve', '--data', server.data, '--listen', '127.0.0.1:0']);
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`process ${server.process.pid}\\)`));
    assert.equal((await ask(server, 'GET', '/v1/clients')).status, 200);
  },

  async a_busy_port_is_refused_and_named(server) {
    await begin(server);
    const port = new URL(server.base).host;
    const other = join(server.folder, 'other');
    await server.command(['init', '--data', other, '--workspace', 'O', '--email', 'o@example.com']);
    for (const loops of ['1', '3']) {
      const { code, stderr } = await server.command(['serve', '--data', other, '--listen', port, '--loops', loops]);
      assert.equal(code, 1);
      assert.ok(stderr.includes(port), stderr);
    }
  },

  async a_wrong_setting_is_named_with_what_may_stand_there(server) {
    const { code, stderr } = await server.command(['serve', '--listen', 'nonsense', '--lops', '1']);
    assert.equal(code, 2);
    assert.match(stderr, /listen = "nonsense"/);
    assert.match(stderr, /lops/);
  },

  async print_config_says_where_each_value_came_from(server) {
    server.env.FOYER_SMTP_USER = 'foyer';
    server.env.FOYER_SMTP_PASSWORD = 'secret-word';
    server.env.FOYER_SMTP_URL = 'smtp://mail.example.com:587';
    const { code, stdout } = await server.command(['serve', '--print-config', '--data', server.data, '--loops=2']);
    assert.equal(code, 0);
    assert.match(stdout, /^loops = 2 +# --loops$/m);
    assert.match(stdout, /^smtp_url = smtp:\/\/mail\.example\.com:587 +# FOYER_SMTP_URL$/m);
    assert.ok(!stdout.includes('secret-word'));
  },

  async health_takes_any_host_and_needs_no_key(server) {
    await begin(server);
    for (const path of ['/healthz', '/readyz', '/metrics']) {
      const answer = await ask(server, 'GET', path, { key: '', headers: { host: 'anything.example' } });
      assert.equal(answer.status, 200, path);
    }
    assert.equal((await ask(server, 'GET', '/v1/clients', { headers: { host: 'anything.example' } })).status, 421);
  },

  async metrics_count_what_was_asked(server) {
    await begin(server);
    await create(server);
    await ask(server, 'GET', '/v1/clients');
    await ask(server, 'GET', '/v1/clients', { key: 'wrong' });
    const { text } = await ask(server, 'GET', '/metrics');
    assert.match(text, /^foyer_requests_total\{method="POST",route="\/v1\/clients",status="2xx"\} 1$/m);
    assert.match(text, /^foyer_requests_total\{method="GET",route="\/v1\/clients",status="2xx"\} 1$/m);
    assert.match(text, /^foyer_requests_total\{method="GET",route="\/v1\/clients",status="4xx"\} 1$/m);
    assert.match(text, /^foyer_request_seconds_count 3$/m);
    assert.match(text, /^foyer_batch_writes_count 1$/m);
    assert.match(text, /^foyer_writer_health 0$/m);
    for (const line of text.trim().split('\n')) assert.match(line, /^(# (HELP|TYPE) \w+ .+|\w+(\{[^}]*\})? [0-9.]+)$/);
  },

  async a_request_keeps_the_id_that_it_came_with(server) {
    await begin(server);
    const kept = await ask(server, 'GET', '/v1/clients', { headers: { 'x-request-id': 'my.id_1-2' } });
    assert.equal(kept.headers['x-request-id'], 'my.id_1-2');
    const refused = await ask(server, 'GET', '/nowhere', { headers: { 'x-request-id': 'my id' } });
    assert.match(refused.headers['x-request-id'], /^[A-Za-z0-9._-]{1,64}$/);
    assert.equal(JSON.parse(refused.text).requestId, refused.headers['x-request-id']);
  },

  async what_has_begun_is_finished_after_sigterm(server) {
    await begin(server);
    const body = person();
    const wire = new Wire(server);
    await wire.send(`POST /v1/clients HTTP/1.1\r\nHost: ${new URL(server.base).host}\r\nX-API-Key: ${server.key}\r\n`
      + `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 9)}`);
    const ready = new Wire(server);
    await ready.send('GET /readyz HTTP/1.1\r\nHost: localhost\r\n');
    await pause(100);
    server.process.kill('SIGTERM');
    await until('the server drains', () => server.stderr.includes('draining'));
    await ready.send('\r\n');
    assert.match(await ready.answer(), /^HTTP\/1\.1 503 [^]*"status":"draining"/);
    await wire.send(body.slice(9));
    assert.match(await wire.answer(), /^HTTP\/1\.1 200 [^]*Connection: close/i);
    assert.equal(await ended(server), 0);
    await server.start();
    assert.equal(JSON.parse((await ask(server, 'GET', '/v1/clients')).text).data.length, 1);
  },

  async a_second_signal_leaves_at_once(server) {
    // it joins no thread: what ThreadSanitizer calls a leak is meant
    server.env.TSAN_OPTIONS = `${server.env.TSAN_OPTIONS ?? ''}:report_thread_leaks=0`;
    await begin(server);
    const wire = new Wire(server);
    await wire.send('GET /v1/clients HTTP/1.1\r\nHost: localhost\r\n');
    await pause(100);
    server.process.kill('SIGTERM');
    await until('the server drains', () => server.stderr.includes('draining'));
    server.process.kill('SIGINT');
    assert.equal(await ended(server, 5), 130);
  },

  async sighup_reads_the_scripts_anew(server) {
    await begin(server);
    server.process.kill('SIGHUP');
    await until('a word in the log', () => server.stderr.includes('scripts were read anew'));
    assert.equal((await ask(server, 'GET', '/v1/clients')).status, 200);
    assert.equal(await server.stop(), 0);
  },

  async four_loops_serve_and_drain_together(server) {
    await begin(server, ['--loops', '4']);
    const answers = await Promise.all(Array.from({ length: 120 }, (_, i) => (
      i % 2 ? ask(server, 'GET', '/v1/clients?limit=3') : create(server))));
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
    const list = JSON.parse((await ask(server, 'GET', '/v1/clients?limit=1000')).text);
    assert.equal(list.data.length, 60);
    assert.equal(await server.stop(), 0);
    const { code, stdout, stderr } = await server.command(['check', '--data', server.data]);
    assert.equal(code, 0, stdout + stderr);
  },
};
