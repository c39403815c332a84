// Life: the example of C at work, its replacement under requests, and what comes back after a restart.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask, create, until } from '../exec/lib.mjs';
import { digest, hello, pin, pinOf, put, reload } from './lib.mjs';

const json = ({ text }) => JSON.parse(text);
const second = (text) => text.replaceAll('by_hand_only', 'by_hand_again');

// One reader: it is asked whenever one is, and lets go of old libraries then.
async function begin(server, library, ...pins) {
  put(server, 'hello', library);
  pin(server, ...pins.length ? pins : [pinOf('hello', library)]);
  await server.start(['--readers', '1']);
}

// The code with which a key is refused: by which build.
const refusal = async (server, id) => json(await ask(server, 'DELETE', `/v1/clients/${id}`)).code;

// The libraries of plugins whose code the process has in memory.
const loaded = (server) => new Set(readFileSync(`/proc/${server.process.pid}/maps`, 'utf8').split('\n')
  .filter((line) => / r-xp .*memfd:foyer-plugin/.test(line)).map((line) => line.trim().split(/\s+/)[4])).size;

function exported(file) {
  return execFileSync('nm', ['-D', '--defined-only', file], { encoding: 'utf8' }).split('\n').filter(Boolean)
    .map((line) => line.trim().split(/\s+/).pop()).filter((name) => !name.includes('@'));
}

// Until threads that had an old library were asked again.
async function untilOneIsLeft(server) {
  await until('one library is left', async () => {
    await Promise.all(Array.from({ length: 20 }, () => ask(server, 'GET', '/v1/clients?q=ann&limit=1')));
    await create(server);
    return loaded(server) === 1;
  });
}

export const life = {
  async a_rule_a_filter_and_a_render_of_c_are_at_work(server) {
    await begin(server, hello());
    const freemail = await create(server, { body: JSON.stringify({ givenName: 'Ann', familyName: 'Lee', email: 'ann@gmail.com' }) });
    assert.equal(freemail.status, 422);
    assert.equal(json(freemail).code, 'no_freemail');
    assert.equal(json(freemail).errors[0].field, 'email');
    const made = await create(server);
    assert.equal(made.status, 200, made.text);
    assert.deepEqual(json(made).tags, ['work']);
    const kept = await create(server, { body: JSON.stringify({ givenName: 'Bo', familyName: 'Lee', email: 'bo@example.com', tags: ['own'] }) });
    assert.deepEqual(json(kept).tags, ['own']);
    const denied = await ask(server, 'DELETE', `/v1/clients/${json(made).id}`);
    assert.equal(denied.status, 403);
    assert.equal(json(denied).code, 'by_hand_only');
    assert.equal(await server.stop(), 0);
    const { code, stderr } = await server.command(['mail', 'test', 'ann@example.com', '--data', server.data]);
    assert.equal(code, 0, stderr);
    const mails = readdirSync(join(server.data, 'mail/new')).map((name) => readFileSync(join(server.data, 'mail/new', name), 'utf8'));
    assert.ok(mails.some((mail) => mail.includes('Hello from C')), mails.join('\n'));
  },

  async a_workspace_sets_it_and_switches_it_off(server) {
    await begin(server, hello());
    const choose = (change) => ask(server, 'PATCH', '/v1/plugins/hello', { body: JSON.stringify(change) });
    const make = async (email) => (await create(server, { body: JSON.stringify({ givenName: 'Ann', familyName: 'Lee', email }) })).status;
    assert.equal(await make('ann@free.example'), 200);
    const chosen = await choose({ settings: { freemail: 'free.example' } });
    assert.equal(chosen.status, 200, chosen.text);
    assert.equal(json(chosen).settings.freemail, 'free.example');
    assert.deepEqual([await make('bea@free.example'), await make('bea@gmail.com')], [422, 200]);
    assert.equal((await choose({ settings: { freemial: '' } })).status, 400);
    assert.equal((await choose({ enabled: false })).status, 200);
    assert.equal(await make('cai@free.example'), 200);
  },

  async its_decisions_say_which_line_and_what_was_read(server) {
    await begin(server, hello());
    const { id } = json(await create(server));
    await ask(server, 'DELETE', `/v1/clients/${id}`);
    let decision;
    await until('the decision is written', async () => {
      const all = json(await ask(server, 'GET', '/v1/decisions')).data;
      decision = all.find((one) => one.action === 'client.delete');
      return decision;
    });
    assert.match(decision.rule, /^hello\/hello\.c:\d+$/);
    assert.equal(decision.reads['actor.kind'], 'apiKey');
    const { stdout } = await server.command(['script', 'list', '--data', server.data]);
    assert.match(stdout, /^hello +plugin +in force +Hello from C$/m);
  },

  async it_exports_one_symbol_and_the_program_none(server) {
    assert.deepEqual(exported(hello()), ['foyer_plugin']);
    if (!process.env.FOYER_SANITIZER) assert.deepEqual(exported(process.env.FOYER_BIN ?? 'build/dev/foyer'), []);
    await server.start();
  },

  async it_is_replaced_while_requests_run(server) {
    const builds = [hello(), hello(second)];
    await begin(server, builds[0], ...builds.map((build) => pinOf('hello', build)));
    const { id } = json(await create(server));
    const seen = new Set();
    let over = false;
    const load = Array.from({ length: 8 }, async () => {
      while (!over) {
        const code = await refusal(server, id);
        assert.match(code, /^by_hand_(only|again)$/);
        seen.add(code);
        assert.equal((await create(server)).status, 200);
      }
    });
    for (let i = 1; i <= 10; i += 1) {
      put(server, 'hello', builds[i % 2]);
      assert.equal(await reload(server), '');
      const code = i % 2 ? 'by_hand_again' : 'by_hand_only';
      await until(`${code} answers`, async () => await refusal(server, id) === code);
    }
    over = true;
    await Promise.all(load);
    assert.equal(seen.size, 2);
    await untilOneIsLeft(server);
  },

  async one_that_cannot_be_unloaded_does_not_answer_for_the_next(server) {
    const builds = [hello((text) => text, '-Wl,-z,nodelete'), hello(second, '-Wl,-z,nodelete'), hello((text) => text.replaceAll('by_hand_only', 'third'))];
    await begin(server, builds[0], ...builds.map((build) => pinOf('hello', build)));
    const { id } = json(await create(server));
    for (const [build, code] of [[1, 'by_hand_again'], [2, 'third'], [1, 'by_hand_again'], [0, 'by_hand_only'], [2, 'third']]) {
      put(server, 'hello', builds[build]);
      assert.equal(await reload(server), '');
      await until(`${code} answers`, async () => await refusal(server, id) === code);
      for (let i = 0; i < 3; i += 1) { await create(server); await ask(server, 'GET', '/v1/clients?q=ann&limit=1'); }
    }
  },

  async a_new_build_and_its_pin_are_in_force_without_a_word(server) {
    const [one, two] = [hello(), hello(second)];
    await begin(server, one);
    const { id } = json(await create(server));
    put(server, 'hello', two);
    await until('it is refused', () => server.stderr.includes(`pinned to the SHA-256 ${digest(one)}`));
    assert.equal(await refusal(server, id), 'by_hand_only');
    pin(server, pinOf('hello', two));
    await until('the pin is read', async () => await refusal(server, id) === 'by_hand_again');
  },

  async what_was_in_force_comes_back_after_a_restart(server) {
    const one = hello();
    await begin(server, one);
    const { id } = json(await create(server));
    assert.equal(await server.stop(), 0);
    writeFileSync(join(server.data, 'plugins/hello/hello.so'), 'no library at all');
    await server.start();
    await until('it says so', () => /in force when the server last ran is in force again/.test(server.stderr));
    assert.equal(await refusal(server, id), 'by_hand_only');
  },

  async a_start_without_its_pin_allows_nothing_until_it_is_there(server) {
    const library = hello();
    put(server, 'hello', library);
    pin(server);
    await server.start();
    const refused = await create(server);
    assert.equal(refused.status, 503);
    assert.equal(json(refused).code, 'rule_error');
    pin(server, pinOf('hello', library));
    await until('the pin is read', async () => (await create(server)).status === 200);
  },

  async a_build_that_keeps_failing_is_left_for_the_one_before(server) {
    const good = hello();
    const bad = hello((text) => text.replace('foyer->get(call, FOYER_ACTOR, "kind", &kind);', 'return foyer->fail(call, "not today");'));
    await begin(server, good, pinOf('hello', good), pinOf('hello', bad));
    const { id } = json(await create(server));
    put(server, 'hello', bad);
    assert.equal(await reload(server), '');
    for (let i = 0; i < 5; i += 1) assert.equal((await ask(server, 'DELETE', `/v1/clients/${id}`)).status, 503);
    await until('the build before answers', async () => await refusal(server, id) === 'by_hand_only');
    assert.equal(digest(join(server.data, 'plugins/hello/hello.so')), digest(good));
    assert.equal(digest(join(server.data, 'plugins/hello.quarantined/hello.so')), digest(bad));
    assert.match(readFileSync(join(server.data, 'plugins/hello.quarantined.txt'), 'utf8'), /rule client\.delete failed \d+ of \d+ times: .*not today/);
    let versions;
    await until('it is recorded', async () => {
      versions = json(await ask(server, 'GET', '/v1/scripts/hello/versions')).data;
      return versions.some(({ state }) => state === 'quarantined');
    });
    assert.match(versions.find(({ state }) => state === 'quarantined').report, /not today/);
  },

  async an_older_build_is_put_back_where_it_is_still_there_and_pinned(server) {
    const builds = [hello(), hello(second), hello((text) => text.replaceAll('by_hand_only', 'third'))];
    await begin(server, builds[0], ...builds.map((build) => pinOf('hello', build)));
    const { id } = json(await create(server));
    const rollback = (...more) => server.command(['plugin', 'rollback', 'hello', ...more, '--data', server.data]);
    const versions = async (count) => {
      let all;
      await until(`${count} versions`, async () => {
        all = json(await ask(server, 'GET', '/v1/scripts/hello/versions')).data;
        return all.length === count;
      });
      return all;
    };
    const [{ version: first }] = await versions(1);
    put(server, 'hello', builds[1]);
    assert.equal(await reload(server), '');
    await versions(2);
    const gone = await rollback();
    assert.equal(gone.code, 1);
    assert.match(gone.stderr, /hello\.so: that build is not there any more: put it there by hand \(native library, SHA-256 [0-9a-f]{64}\)/);
    assert.equal(await refusal(server, id), 'by_hand_again');
    put(server, 'hello', builds[0]); // by hand, and then back and forth by what is kept beside it
    assert.equal(await reload(server), '');
    await versions(3);
    put(server, 'hello', builds[2]);
    assert.equal(await reload(server), '');
    await versions(4);
    put(server, 'hello.left', builds[0], 'hello');
    const back = await rollback(String(first));
    assert.equal(back.code, 0, back.stderr);
    assert.equal(await refusal(server, id), 'by_hand_only');
    const forth = await rollback(String((await versions(5))[1].version));
    assert.equal(forth.code, 0, forth.stderr);
    assert.equal(await refusal(server, id), 'third');
  },

  async doctor_knows_the_pins_of_the_configuration(server) {
    const library = hello();
    await begin(server, library);
    delete server.env.FOYER_NATIVE_PLUGINS_FILE;
    const file = join(server.folder, 'foyer.conf');
    writeFileSync(file, `native_plugins_file = ${server.pins}\n`);
    const doctor = async (...more) => (await server.command(['doctor', '--data', server.data, ...more])).stdout;
    assert.match(await doctor(), /hello is not in force|is not pinned/);
    assert.doesNotMatch(await doctor('--config', file), /not in force|not pinned/);
    assert.match(await doctor('--config', file), /scripts and plugins load/);
  },

  async its_folder_is_removed_and_it_is_gone(server) {
    await begin(server, hello());
    const { id } = json(await create(server));
    rmSync(join(server.data, 'plugins/hello'), { recursive: true });
    assert.equal(await reload(server), '');
    assert.equal((await ask(server, 'DELETE', `/v1/clients/${id}`)).status, 200);
  },
};
