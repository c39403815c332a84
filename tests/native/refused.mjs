// Refused: what is not loaded, with which words; the server stays as it was.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { create } from '../exec/lib.mjs';
import { digest, hello, hostile, manifests, pin, pinOf, put, reload } from './lib.mjs';

const reasons = {
  NO_SYMBOL: /it does not export foyer_plugin/,
  NO_TABLE: /foyer_plugin gives no table/,
  SHORT_TABLE: /whose size is not sizeof/,
  OTHER_LEVEL: /built for level 2 of foyer\/plugin\.h, and this program has 1/,
  NEWER: /needs foyer\/plugin\.h as of 20991231, and this program has \d{8}/,
  NO_OPEN: /its table has no open/,
  CRASH_ON_LOAD: /its self-test died of signal 11 \(Segmentation fault\)/,
  CRASH_IN_TEST: /its self-test died of signal 11 \(Segmentation fault\)/,
  ABORT_IN_TEST: /its self-test died of signal 6 \(Aborted\)/,
  EXIT_IN_TEST: /it ended the process of its self-test \(exit code \d+\)/,
  TEST_SAYS_NO: /its self-test failed: two and two are five/,
  OPEN_SAYS_NO: /there is no room for it/,
  OPEN_FAILS: /it failed, and does not say why/,
  NOT_PROVIDED: /add "rule": \["client\.delete"\] to "provides"/,
  NO_SUCH_ACTION: /there is no rule "client\.craete": did you mean "client\.create"\?/,
  NO_FUNCTION: /rule client\.create: function must not be NULL/,
  UNDEFINED_SYMBOL: /cannot be loaded: .*undefined symbol: nobody_has_this/,
  BAD_STAGE: /stage must be validate, normalize/,
  NO_SUCH_EVENT: /there is no event "client\.craeted": did you mean "client\.created"\?/,
  EVENT_TWICE: /there is an event handler "client\.created" already: give each a name of its own/,
  EVENT_IN_ORDER: /an event handler client\.created: it has no order among others/,
  BAD_NAME: /the name of a transaction is letters, digits/,
};
// A sanitizer tells of a crash itself, and ends the process by its own code.
if (process.env.FOYER_SANITIZER) {
  for (const name of ['CRASH_ON_LOAD', 'CRASH_IN_TEST', 'ABORT_IN_TEST']) {
    reasons[name] = new RegExp(`${reasons[name].source}|it ended the process of its self-test`);
  }
}

async function stands(server) {
  const made = await create(server);
  assert.equal(made.status, 200, made.text);
}

async function refuses(server, id, library, reason) {
  put(server, id, library);
  pin(server, pinOf(id, library));
  const said = await reload(server);
  assert.match(said, new RegExp(`^${id}/${id}\\.so: `, 'm'));
  assert.match(said, reason);
  await stands(server);
}

export const refused = {
  async each_fault_of_a_library_is_refused_and_told(server) {
    pin(server);
    await server.start();
    for (const [name, reason] of Object.entries(reasons)) await refuses(server, 'hostile', hostile(name), reason);
  },

  async without_a_pin_it_is_refused_with_the_line_to_add(server) {
    const library = hello();
    await server.start();
    put(server, 'hello', library);
    const said = await reload(server);
    assert.match(said, /^hello\/hello\.so: it is not pinned/m);
    assert.ok(said.includes(`native_plugins = hello=${digest(library)}`), said);
    await stands(server);
  },

  async another_digest_is_refused_with_both(server) {
    const library = hello();
    server.env.FOYER_NATIVE_PLUGINS = `other=${digest(library)}, hello=${'ab'.repeat(32)}`;
    await server.start();
    put(server, 'hello', library);
    const said = await reload(server);
    assert.ok(said.includes(`pinned to the SHA-256 ${'ab'.repeat(32)}, and this file has ${digest(library)}`), said);
    await stands(server);
  },

  async a_hanging_self_test_is_ended(server) {
    server.env.FOYER_TEST_TIMEOUTS = '20';
    pin(server);
    await server.start();
    await refuses(server, 'hostile', hostile('HANG_IN_TEST'), /its self-test was not done after 10 seconds, and was ended/);
    await refuses(server, 'hostile', hostile('WRITE_IN_TEST'), /was not done after 10 seconds, and was ended: on and on/);
  },

  async no_library_is_refused(server) {
    pin(server);
    await server.start();
    const text = join(server.folder, 'text.so');
    writeFileSync(text, 'This is no library.\n');
    await refuses(server, 'hello', text, /it cannot be loaded: .*(invalid ELF header|file too short)/);
  },

  async a_missing_library_is_told(server) {
    await server.start();
    mkdirSync(join(server.data, 'plugins/hello'), { recursive: true });
    writeFileSync(join(server.data, 'plugins/hello/plugin.json'), manifests.hello());
    assert.match(await reload(server), /hello\/plugin\.json: its entry "hello\.so" is not there/);
    await stands(server);
  },

  async a_library_that_is_too_large_is_told(server) {
    await server.start();
    const large = join(server.folder, 'large.so');
    writeFileSync(large, Buffer.alloc(8 * 1024 * 1024 + 1));
    put(server, 'hello', large);
    assert.match(await reload(server), /hello\.so: cannot be read: larger than 8192 KiB/);
    await stands(server);
  },

  async pins_that_others_may_write_are_not_believed(server) {
    const library = hello();
    put(server, 'hello', library);
    pin(server, pinOf('hello', library));
    await server.start();
    chmodSync(server.pins, 0o666);
    assert.match(await reload(server), /pins: others may write it/);
    chmodSync(server.pins, 0o644);
    assert.equal(await reload(server), '');
    writeFileSync(server.pins, 'hello = abc\n');
    assert.match(await reload(server), /pins:1: a line must be ID=SHA-256/);
    rmSync(server.pins);
    assert.match(await reload(server), /pins: cannot be read: No such file/);
    await stands(server);
  },

  async a_pin_that_is_none_is_no_setting(server) {
    server.env.FOYER_NATIVE_PLUGINS = 'hello=12';
    const { code, stderr } = await server.command(['serve', '--data', server.data, '--listen', '127.0.0.1:0']);
    assert.equal(code, 2);
    assert.match(stderr, /ID=SHA-256 by commas/);
  },

  async a_broken_one_never_replaces_a_working_one(server) {
    const good = hostile('GOOD');
    put(server, 'hostile', good);
    pin(server, pinOf('hostile', good));
    await server.start();
    await refuses(server, 'hostile', hostile('CRASH_IN_TEST'), reasons.CRASH_IN_TEST);
    const made = await create(server, { body: JSON.stringify({ givenName: 'filter-changes', familyName: 'Lee', email: 'x@example.com' }) });
    assert.equal(JSON.parse(made.text).familyName, 'Changed by C');
  },
};
