// Checks: what needs time, many connections, or another process. Each has a server of its own.
import { spawn } from 'node:child_process';
import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { Server } from '../../stories/lib/server.mjs';
import { Wire, get, post, wait } from './wire.mjs';

const slow = process.env.FOYER_SANITIZER ? 4 : 1;
const program = process.env.FOYER_BIN ?? 'build/dev/foyer';
// Every deadline 20 times shorter: header 500 ms, body window 500 ms with 512 bytes, idle 750 ms,
// write stall 1000 ms.
const short = { env: { FOYER_TEST_TIMEOUTS: String(20 / slow) } };
const window = 500 * slow;

async function ask(server, request, method) {
  const wire = await Wire.open(server.base);
  await wire.write(request);
  const answer = await wire.answer(method);
  wire.close();
  return answer;
}

const isUp = async (server) => (await ask(server, get('/healthz'))).status === 200;

export const checks = {
  a_header_that_does_not_come_is_not_waited_for_long: {
    flags: short,
    async run(server) {
      const wire = await Wire.open(server.base);
      await wire.write('GET /healthz HTTP/1.1\r\nHost: local');
      const answer = await wire.answer();
      assert.equal(answer.status, 408);
      assert.match(answer.body, /request_timeout/);
      assert.equal(answer.headers.connection, 'close');
      assert.ok(await wire.hasEnded());
    },
  },

  a_header_that_trickles_gets_no_more_time: {
    flags: short,
    async run(server) {
      const wire = await Wire.open(server.base);
      await wire.write('GET /healthz HTTP/1.1\r\n');
      for (let i = 0; i < 100 && !wire.isEnded && wire.got.length === 0; i += 1) {
        await wire.write('X');
        await wait(window / 10);
      }
      assert.equal((await wire.answer()).status, 408);
    },
  },

  an_idle_connection_is_closed_without_a_word: {
    flags: short,
    async run(server) {
      const fresh = await Wire.open(server.base);
      const used = await Wire.open(server.base);
      await used.write(get('/healthz'));
      assert.equal((await used.answer()).status, 200);
      assert.ok(await fresh.hasEnded());
      assert.ok(await used.hasEnded());
    },
  },

  a_body_that_does_not_come_is_not_waited_for_long: {
    flags: short,
    async run(server) {
      const wire = await Wire.open(server.base);
      await wire.write(post('/v1/clients', 'x'.repeat(5000)).slice(0, -4990));
      assert.equal((await wire.answer()).status, 408);
      assert.ok(await wire.hasEnded());
    },
  },

  a_body_at_the_least_rate_is_waited_for: {
    flags: short,
    async run(server) {
      const wire = await Wire.open(server.base);
      const bytes = Buffer.from(post('/v1/clients', JSON.stringify({ a: 'x'.repeat(8000) })));
      for (let at = 0; at < bytes.length; at += 300) {
        await wire.write(bytes.subarray(at, at + 300));
        await wait(window / 8); // 2400 bytes a window, over four windows
      }
      assert.equal((await wire.answer()).status, 401);
    },
  },

  who_does_not_read_is_left: {
    flags: short,
    async run(server) {
      const wire = await Wire.open(server.base);
      wire.socket.pause();
      for (let i = 0; i < 40; i += 1) wire.socket.write(get('/openapi.json').repeat(100));
      await wait(window * 5);
      assert.match((await ask(server, get('/metrics'))).body, /foyer/);
      let bytes = 0;
      wire.socket.removeAllListeners('data');
      wire.socket.on('data', (chunk) => { bytes += chunk.length; });
      wire.socket.resume();
      await wire.until(() => false, 10_000);
      const one = Number((await ask(server, `HEAD /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n`, 'HEAD')).headers['content-length']);
      assert.ok(wire.isEnded && bytes < one * 4000, `${bytes} bytes of ${one * 4000}`);
    },
  },

  who_reads_slowly_gets_all_of_it: {
    flags: short,
    async run(server) {
      const wire = await Wire.open(server.base);
      wire.socket.pause();
      const reader = setInterval(() => { wire.socket.resume(); setTimeout(() => wire.socket.pause(), 5); }, window / 10);
      await wire.write(get('/openapi.json').repeat(60));
      for (let i = 0; i < 60; i += 1) assert.equal((await wire.answer())?.status, 200);
      clearInterval(reader);
      wire.close();
    },
  },

  answers_come_in_the_order_of_the_requests: {
    async run(server) {
      const wire = await Wire.open(server.base);
      // the sign-ins wait for a worker and its hash, the others are answered at once
      const signIn = post('/v1/auth/login', JSON.stringify({ email: 'owner@example.com', password: 'not this one' }));
      const round = signIn + get('/healthz') + get('/nowhere') + get('/v1/me');
      await wire.write(round.repeat(5));
      for (let i = 0; i < 5; i += 1) {
        const statuses = [];
        for (let n = 0; n < 4; n += 1) statuses.push((await wire.answer()).status);
        assert.ok(statuses[0] === 401 || statuses[0] === 429, `${statuses}`);
        assert.deepEqual(statuses.slice(1), [200, 404, 401]);
      }
      wire.close();
    },
  },

  much_is_read_ahead_and_all_of_it_answered: {
    async run(server) {
      const wire = await Wire.open(server.base);
      const count = 5000;
      wire.write(get('/healthz').repeat(count));
      for (let i = 0; i < count; i += 1) assert.equal((await wire.answer()).status, 200);
      wire.close();
    },
  },

  a_body_follows_its_continue: {
    async run(server) {
      const wire = await Wire.open(server.base);
      const [head, body] = post('/v1/clients', '{}', 'Expect: 100-continue\r\n').split('\r\n\r\n');
      await wire.write(`${head}\r\n\r\n`);
      assert.equal((await wire.answer()).status, 100);
      await wire.write(body);
      assert.equal((await wire.answer()).status, 401);
      await wire.write(get('/healthz'));
      assert.equal((await wire.answer()).status, 200);
      wire.close();
    },
  },

  who_closes_his_side_is_still_answered: {
    async run(server) {
      const wire = await Wire.open(server.base);
      wire.socket.end(get('/healthz') + get('/nowhere'));
      assert.equal((await wire.answer()).status, 200);
      assert.equal((await wire.answer()).status, 404);
      assert.ok(await wire.hasEnded());
    },
  },

  a_refusal_reaches_who_is_still_sending: {
    async run(server) {
      for (let i = 0; i < 10; i += 1) {
        const wire = await Wire.open(server.base);
        wire.write('POST /v1/clients HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 500000000\r\n\r\n');
        wire.write(Buffer.alloc(600_000, 'x'));
        const answer = await wire.answer();
        assert.equal(answer?.status, 413, `${wire.error}`);
        wire.close();
      }
    },
  },

  bodies_that_dally_do_not_fill_the_memory: {
    flags: { loops: 1 },
    async run(server) {
      const part = Buffer.alloc(1_000_000, ' ');
      const wires = [];
      for (let i = 0; i < 150; i += 1) {
        const wire = await Wire.open(server.base);
        wire.write('POST /v1/clients HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000002\r\n\r\n');
        await wire.write(part);
        wires.push(wire);
      }
      for (let i = 0; i < 100 && wires.filter((wire) => wire.got.length > 0).length < 10; i += 1) await wait(50);
      const refused = wires.filter((wire) => wire.got.length > 0);
      assert.ok(refused.length >= 10 && refused.length < 40, `${refused.length} refused`);
      const answer = await refused[0].answer();
      assert.equal(answer.status, 503);
      assert.ok(Number(answer.headers['retry-after']) > 0);
      const waiting = wires.find((wire) => !refused.includes(wire));
      await waiting.write('{}');
      assert.equal((await waiting.answer()).status, 401);
      for (const wire of wires) wire.close();
      await wait(100 * slow);
      assert.equal((await ask(server, post('/v1/clients', `{${' '.repeat(900_000)}}`))).status, 401);
    },
  },

  an_unchanged_answer_is_not_sent_again: {
    async run(server) {
      const first = await ask(server, get('/healthz'));
      const again = await ask(server, get('/healthz', `If-None-Match: ${first.headers.etag}\r\n`));
      assert.equal(again.status, 304);
      assert.equal(again.headers.etag, first.headers.etag);
      assert.equal((await ask(server, get('/healthz', 'If-None-Match: "another"\r\n'))).status, 200);
    },
  },

  head_says_what_get_would_send: {
    async run(server) {
      const full = await ask(server, get('/openapi.json'));
      const head = await ask(server, get('/openapi.json').replace('GET', 'HEAD'), 'HEAD');
      assert.equal(head.status, 200);
      assert.equal(head.headers['content-length'], full.headers['content-length']);
      assert.equal(head.headers.etag, full.headers.etag);
    },
  },

  secrets_of_addresses_stay_out_of_the_log: {
    async run(server) {
      for (const path of ['/invite/s3cret-token', '/invite/s3cret-token/', '/sign-in/s3cret-token?x=s3cret-query', '/reset/s3cret-token'])
        await ask(server, get(path));
      await ask(server, get('/v1/clients?q=s3cret-query', 'X-API-Key: s3cret-key\r\nCookie: a=s3cret-cookie\r\n'));
      const { headers } = await ask(server, get('/healthz'));
      await wait(50);
      assert.ok(!server.stderr.includes('s3cret'), server.stderr);
      assert.match(server.stderr, new RegExp(`request=${headers['x-request-id']} method=GET path=/healthz status=200`));
    },
  },

  a_busy_port_is_named: {
    async run(server) {
      const other = new Server();
      await other.init('Other', 'owner@example.com');
      const address = server.base.slice('http://'.length);
      for (const loops of ['1', '3']) {
        const { code, stdout, stderr } = await other.command(['serve', '--data', other.data, '--listen', address, `--loops=${loops}`]);
        assert.equal(code, 1);
        assert.equal(stdout, '');
        assert.ok(stderr.includes(address) && stderr.includes('--listen'), stderr);
      }
      other.remove();
      assert.ok(await isUp(server));
    },
  },

  nobody_dies_when_there_are_no_files_left: {
    flags: { isNotStarted: true },
    async run(server) {
      server.process = spawn('bash', ['-c', `ulimit -n 64; exec "$0" serve --data "$1" --listen 127.0.0.1:0 --loops=1`, program, server.data],
        { env: server.env, stdio: ['ignore', 'pipe', 'pipe'] });
      server.stderr = '';
      server.process.stderr.on('data', (chunk) => { server.stderr += chunk; });
      const [line] = await new Promise((resolve) => { server.process.stdout.once('data', (chunk) => resolve(String(chunk).split('\n'))); });
      server.base = line.replace('listening on ', '');
      // all of them have begun a request, so that none can be spared
      const wires = await Promise.all(Array.from({ length: 120 }, () => Wire.open(server.base)));
      await Promise.all(wires.map((wire) => wire.write('GET /healthz HTTP/1.1\r\n')));
      await wait(600 * slow);
      const refused = wires.filter((wire) => wire.got.includes('HTTP/1.1 503')).length;
      assert.ok(refused > 0, 'none was refused');
      assert.match(server.stderr, /no files left/);
      for (const wire of wires) await wire.write('Host: localhost\r\n\r\n');
      let answered = 0;
      for (const wire of wires) {
        if (wire.got.includes('HTTP/1.1 200') || (await wire.until(() => wire.got.includes('HTTP/1.1 200'), 300))) answered += 1;
        wire.close();
      }
      assert.ok(answered >= 20, `${answered} answered, ${refused} refused`);
      await wait(300);
      assert.ok(await isUp(server));
      // idle ones make room for new ones: all of these are answered
      const idle = [];
      for (let i = 0; i < 120; i += 1) {
        const wire = await Wire.open(server.base);
        await wire.write(get('/healthz'));
        assert.equal((await wire.answer())?.status, 200, `connection ${i}`);
        idle.push(wire);
      }
      for (const wire of idle) wire.close();
    },
  },

  what_has_begun_is_finished_when_it_ends: {
    async run(server) {
      const begun = await Wire.open(server.base);
      const idle = await Wire.open(server.base);
      await idle.write(get('/healthz'));
      await idle.answer();
      const request = post('/v1/clients', '{"a":1}');
      await begun.write(request.slice(0, -3));
      await wait(100 * slow);
      const ended = server.stop();
      assert.ok(await idle.hasEnded());
      await begun.write(request.slice(-3));
      const answer = await begun.answer();
      assert.equal(answer.status, 401);
      assert.equal(answer.headers.connection, 'close');
      assert.ok(await begun.hasEnded());
      begun.close();
      idle.close();
      assert.equal(await ended, 0);
      await assert.rejects(Wire.open(server.base));
    },
  },

  what_waits_in_the_backlog_is_served_when_it_ends: {
    async run(server) {
      server.process.kill('SIGSTOP');
      const wires = [];
      for (let i = 0; i < 30; i += 1) {
        const wire = await Wire.open(server.base);
        wire.write(get('/healthz'));
        wires.push(wire);
      }
      await wait(50);
      const ended = new Promise((resolve) => { server.process.on('exit', resolve); });
      server.process.kill('SIGTERM');
      server.process.kill('SIGCONT');
      for (const wire of wires) {
        assert.equal((await wire.answer())?.status, 200);
        assert.ok(await wire.hasEnded());
        wire.close();
      }
      assert.equal(await ended, 0);
    },
  },

  an_idle_connection_costs_little_memory: {
    async run(server) {
      const memory = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.process.pid}/status`, 'utf8'))[1]) * 1024;
      const wires = [];
      const open = async (count) => {
        for (let i = 0; i < count; i += 100) {
          const some = await Promise.all(Array.from({ length: 100 }, () => Wire.open(server.base)));
          for (const wire of some) await wire.write(get('/healthz'));
          for (const wire of some) assert.equal((await wire.answer()).status, 200);
          wires.push(...some);
        }
      };
      await open(500);
      const before = memory();
      await open(2000);
      const each = (memory() - before) / 2000;
      console.log(`   ${Math.round(each)} bytes for each idle connection`);
      if (!process.env.FOYER_SANITIZER) assert.ok(each <= 2048, `${each} bytes`);
      for (const wire of wires) wire.close();
    },
  },
};
