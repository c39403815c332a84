// Fetches: handlers ask peers that are slow, endless, gone, elsewhere or not who they say; everybody else goes on.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { join } from 'node:path';
import { ask, create, pause, until } from './lib.mjs';

// A peer on loopback; {at, count, close}.
async function peer(serve, options) {
  const made = options ? https.createServer(options) : http.createServer();
  const it = { count: 0, close: () => { made.closeAllConnections(); made.close(); } };
  made.on('request', (request, response) => {
    it.count += 1;
    request.resume();
    serve(request, response);
  });
  await new Promise((resolve) => { made.listen(0, '127.0.0.1', resolve); });
  it.at = `127.0.0.1:${made.address().port}`;
  return it;
}

function drip(_, response) {
  response.writeHead(200);
  const timer = setInterval(() => response.write('a'), 50);
  response.on('close', () => clearInterval(timer));
}

function pour(_, response) {
  const piece = Buffer.alloc(65536, 'a');
  const more = () => { while (!response.destroyed && response.write(piece)); };
  response.writeHead(200);
  response.on('drain', more);
  more();
}

// A server whose handlers, one for each name, fetch what is said; `allow` is what may be reached.
async function begin(server, handlers, allow, flags = ['--loops', '1', '--script-trial-seconds', '0']) {
  await server.init('Fetch', 'owner@example.com');
  mkdirSync(join(server.data, 'scripts'), { recursive: true });
  writeFileSync(join(server.data, 'scripts', 'fetches.lua'), `local foyer = require("foyer")\n${Object.entries(handlers)
    .map(([name, call]) => `foyer.on("client.created", { name = "${name}" }, function() ${call} end)\n`).join('')}`);
  Object.assign(server.env, { FOYER_OUTGOING_ALLOW: allow.join(',') });
  await server.start(flags);
}

async function delivery(server, handler) {
  const { text } = await ask(server, 'GET', `/v1/deliveries?handler=${handler}`);
  return JSON.parse(text).data[0];
}

async function state(server, handler, wanted) {
  let now;
  await until(`${handler} is ${wanted}`, async () => {
    now = await delivery(server, handler);
    return now?.status === wanted;
  });
  return now;
}

export const fetches = {
  async hostile_peers_are_left_and_the_admin_reads_why(server) {
    const inner = await peer((_, response) => response.end('secret'));
    const peers = await Promise.all([drip, pour, (request) => request.socket.destroy(),
      (_, response) => response.writeHead(302, { location: `http://localhost:${inner.at.split(':')[1]}/` }).end(),
      (_, response) => response.end('fine'), () => {}].map((serve) => peer(serve)));
    const [slow, endless, rude, leading, good, silent] = peers.map(({ at }) => `"http://${at}/x?token=secret"`);
    try {
      await begin(server, {
        slow: `foyer.http.fetch(${slow}, { timeout = 1 })`,
        endless: `foyer.http.fetch(${endless})`,
        rude: `foyer.http.fetch(${rude})`,
        leading: `foyer.http.fetch(${leading}, { redirects = true })`,
        inner: `foyer.http.fetch("http://${inner.at}/")`,
        name: `foyer.http.fetch("http://localhost:${inner.at.split(':')[1]}/")`,
        silent: `foyer.http.fetch(${silent}, { timeout = 25 })`,
        good: `assert(foyer.http.fetch(${good}).body == "fine")`,
        words: `error("it says \\xff\\0\\n" .. ("\u00e4"):rep(600))`,
        none: '',
      }, peers.map(({ at }) => at));
      assert.equal((await create(server)).status, 200);
      assert.equal((await state(server, 'none', 'done')).attempts, 0);
      await state(server, 'good', 'done');
      for (const [handler, reason] of Object.entries({
        slow: /has not answered in 1 s$/,
        endless: /is larger than 1000000 bytes$/,
        rude: /closed before its answer was whole$/,
        leading: /^foyer\.http\.fetch: localhost:\d+ is at \S+, an address of this machine: .* outgoing_allow /,
        inner: /is at 127\.0\.0\.1:\d+, an address of this machine: .* outgoing_allow /,
        name: /^foyer\.http\.fetch: localhost:\d+ is at \S+, an address of this machine: .* outgoing_allow /,
      })) {
        const failed = await state(server, handler, 'failed');
        assert.match(failed.error, reason, handler);
        assert.match(failed.errorAt, /^fetches\.lua:\d+$/);
      }
      assert.match((await state(server, 'words', 'failed')).error, /^it says \? {2}\u00e4{494}$/);
      assert.equal(inner.count, 0);
      assert.equal((await ask(server, 'GET', '/v1/clients')).status, 200);
      assert.doesNotMatch(server.stderr, /secret/);
      const { text: figures } = await ask(server, 'GET', '/metrics', { key: '' });
      assert.match(figures, /^foyer_fetches_total\{result="answered"\} 1$/m);
      assert.match(figures, /^foyer_fetches_total\{result="failed"\} 6$/m);
      assert.match(server.stderr, /msg="a fetch failed" request=\S+ plugin=fetches\.lua method=GET host=localhost:\d+ reason=".*outgoing_allow/);
      // what is under way does not keep the server from ending, nor counts as a try
      await until('the silent one is asked', () => peers[5].count === 1);
      const began = Date.now();
      assert.equal(await server.stop(), 0);
      assert.ok(Date.now() - began < 15_000);
      await server.start(['--loops', '1', '--script-trial-seconds', '0']);
      await until('it is asked again', () => peers[5].count === 2);
      assert.equal((await delivery(server, 'silent')).attempts, 0);
      assert.equal(await server.stop(), 0);
    } finally {
      [...peers, inner].forEach((one) => one.close());
    }
  },

  async https_is_for_peers_whose_certificate_is_known(server) {
    const key = join(server.folder, 'key.pem');
    const cert = join(server.folder, 'cert.pem');
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
      '-subj', '/CN=peer.example', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert], { stdio: 'pipe' });
    const options = { key: readFileSync(key), cert: readFileSync(cert) };
    const plain = await peer((_, response) => response.end('plain'));
    const one = await peer((request, response) => (request.url === '/down'
      ? response.writeHead(302, { location: `http://${plain.at}/` }).end() : response.end('fine')), options);
    try {
      await begin(server, {
        known: `assert(foyer.http.fetch("https://${one.at}/").body == "fine")`,
        named: `foyer.http.fetch("https://localhost:${one.at.split(':')[1]}/")`,
        down: `foyer.http.fetch("https://${one.at}/down", { redirects = true })`,
      }, ['127.0.0.1', '::1']);
      await create(server);
      assert.match((await state(server, 'known', 'failed')).error, /the certificate of 127\.0\.0\.1:\d+ is not trusted: /);
      assert.equal(one.count, 0);
      Object.assign(server.env, { SSL_CERT_FILE: cert, HTTPS_PROXY: 'http://127.0.0.1:1', ALL_PROXY: 'http://127.0.0.1:1' });
      await server.restart(['--loops', '1', '--script-trial-seconds', '0']);
      server.moveClock(120);
      await state(server, 'known', 'done');
      await until('the name is not that of the certificate', async () =>
        / localhost:\d+ is not trusted: .*target host name/.test((await delivery(server, 'named')).error));
      await until('nothing leads to http', async () =>
        /leads from https to http: that is not followed/.test((await delivery(server, 'down')).error));
      assert.equal(plain.count, 0);
    } finally {
      one.close();
      plain.close();
    }
  },

  async a_peer_that_is_down_is_no_fault_of_the_script(server) {
    const down = await peer((request) => request.socket.destroy());
    const ill = await peer((_, response) => response.writeHead(503).end());
    try {
      await begin(server, {}, [down.at, ill.at], ['--loops', '1']);
      const put = async (source) => {
        const { status, text } = await ask(server, 'PUT', '/v1/scripts/fetches.lua', { body: JSON.stringify({ source }) });
        assert.equal(status, 200, text);
      };
      const failing = async (source, count) => {
        await put(`local foyer = require("foyer")\nfoyer.on("client.created", { name = "${count}" }, function() ${source} end)\n`);
        for (let i = 0; i < 8; i += 1) await create(server);
        await until('all have failed', async () => {
          const { text } = await ask(server, 'GET', `/v1/deliveries?handler=${count}`);
          const { data } = JSON.parse(text);
          return data.length === 8 && data.every(({ attempts }) => attempts === 1);
        });
      };
      const quarantined = async () => JSON.parse((await ask(server, 'GET', '/v1/scripts/fetches.lua')).text).quarantined;
      await failing(`foyer.http.fetch("http://${down.at}/")`, 1);
      await failing(`if foyer.http.fetch("http://${ill.at}/").status ~= 200 then error("ill") end`, 2);
      assert.equal(await quarantined(), null);
      await put(`local foyer = require("foyer")\nfoyer.on("client.created", { name = "3" }, function() error("mine") end)\n`);
      for (let i = 0; i < 8; i += 1) await create(server);
      await until('what fails by itself is left', quarantined);
    } finally {
      down.close();
      ill.close();
    }
  },

  async many_that_wait_for_a_slow_peer_delay_no_request(server) {
    const slow = await peer((_, response) => { pause(300).then(() => response.end('late')); });
    try {
      await begin(server, { slow: `assert(foyer.http.fetch("http://${slow.at}/").body == "late")`, none: '' }, [slow.at]);
      const answers = await Promise.all(Array.from({ length: 24 }, () => create(server)));
      assert.ok(answers.every(({ status }) => status === 200));
      await until('all are done', async () => {
        const { text } = await ask(server, 'GET', '/v1/deliveries?status=done&limit=100');
        return JSON.parse(text).data.length === 48;
      });
      assert.equal(slow.count, 24);
    } finally {
      slow.close();
    }
  },
};
