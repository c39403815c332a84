// Answers: what functions of C give that they must not is an error, never a yes and never a crash.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask, create, until } from '../exec/lib.mjs';
import { hostile, pin, pinOf, put, reload } from './lib.mjs';

async function begin(server, library) {
  put(server, 'hostile', library);
  pin(server, pinOf('hostile', library));
  await server.start();
}

let number = 0;
function make(server, name, path = '/v1/clients') {
  number += 1;
  const body = JSON.stringify({ givenName: name, familyName: 'Lee', email: `h${number}@example.com` });
  return ask(server, 'POST', path, { body });
}

const logged = (server, reason) => until(`${reason} is in the log`, () => reason.test(server.stderr), 10);

async function fails(server, names) {
  await begin(server, hostile('GOOD'));
  for (const [name, reason] of Object.entries(names)) {
    const answer = await make(server, name);
    assert.equal(answer.status, 503, `${name}: ${answer.text}`);
    assert.equal(JSON.parse(answer.text).code, 'rule_error', name);
    await logged(server, reason);
  }
  assert.equal((await make(server, 'Ann')).status, 200);
  assert.equal(JSON.parse((await ask(server, 'GET', '/v1/clients')).text).data.length, 1);
}

export const answers = {
  async a_rule_that_fails_is_an_error_and_no_yes(server) {
    await fails(server, {
      'rule-late': /it took \d+\.\d ms \(\d+\.\d of CPU\), and has \d+: its answer came too late/,
      'rule-polls': /it took .* too late/,
      'rule-twice': /deny: there is an answer already/,
      'rule-code': /deny: code must be snake_case/,
      'rule-status': /it returned 77, which is no status/,
      'rule-mute': /it failed, and does not say why/,
      'rule-fails': /there is no reason/,
      'rule-field': /input has no \\"givenNam\\": did you mean \\"givenName\\"\?/,
      'rule-change': /change is not there in a rule/,
      'rule-permission': /did you mean \\"view_clients\\"\?/,
      'rule-api': /api is not there in a rule/,
      'rule-null': /get: value must not be NULL/,
      'rule-object': /get: there is no object 99/,
    });
  },

  async a_filter_that_fails_changes_nothing(server) {
    await fails(server, {
      'filter-late': /it took .* too late/,
      'filter-utf8': /change: familyName: a text is no UTF-8/,
      'filter-null': /change: familyName: a text is NULL/,
      'filter-no-value': /change: familyName: a value is NULL/,
      'filter-kind': /change: familyName: a value is of no type/,
      'filter-round': /change: customFields: it nests deeper than 32/,
      'filter-field': /change: client has no \\"familyNam\\": did you mean \\"familyName\\"\?/,
      'filter-type': /what the filter returned is refused: tags/,
      'filter-id': /what the filter returned is refused: id/,
      'filter-reject-field': /reject: client has no \\"nothing\\"/,
      'filter-api-method': /api: method must be GET, POST/,
      'filter-api-null': /api: target must not be NULL/,
      'filter-api-body': /api: body: it nests deeper than 32/,
      'filter-long': /reject: message is too long \(at most 2000 bytes/,
    });
  },

  async a_filter_uses_the_api_in_its_transaction(server) {
    await begin(server, hostile('GOOD'));
    assert.equal(JSON.parse((await make(server, 'filter-api')).text).familyName, 'Made by C');
    assert.equal(JSON.parse((await make(server, 'filter-api-nowhere')).text).familyName, '404');
    const companies = async () => JSON.parse((await ask(server, 'GET', '/v1/companies?name=Made%20by%20C')).text).data.length;
    assert.equal(await companies(), 1);
    const file = join(server.data, 'plugins/hostile/plugin.json');
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), capabilities: [] }));
    assert.equal(await reload(server), '');
    assert.equal((await make(server, 'filter-api')).status, 503);
    await logged(server, /api needs \\"api\\" among the capabilities of plugin\.json/);
    assert.equal(await companies(), 1);
  },

  async a_scope_that_fails_shows_nothing(server) {
    await begin(server, hostile('GOOD'));
    const { stdout } = await server.command(['key', 'create', '--data', server.data, '--name', 'scope-ids']);
    const answer = await ask(server, 'GET', '/v1/clients', { key: stdout.trim() });
    assert.equal(answer.status, 503, answer.text);
    await logged(server, /rows: \\"no id\\" is no id/);
    assert.equal((await ask(server, 'GET', '/v1/clients')).status, 200);
  },

  async a_render_that_fails_falls_back(server) {
    await begin(server, hostile('GOOD'));
    const mails = () => readdirSync(join(server.data, 'mail/new'))
      .map((name) => readFileSync(join(server.data, 'mail/new', name), 'utf8'));
    let sent = mails().length;
    for (const [name, text] of [['render-good', 'Rendered by C'], ['render-lines', 'Subject: '], ['render-nothing', 'Subject: ']]) {
      assert.equal((await make(server, name, '/v1/clients?sendInvite=true')).status, 200);
      sent += 1;
      await until(`the mail of ${name} is there`, () => mails().length === sent);
      assert.ok(mails().some((mail) => mail.includes(text)), name);
    }
    await logged(server, /rendered: subject must be one line/);
    await logged(server, /rendered: text or html, or both, must be given/);
    assert.equal(mails().filter((mail) => mail.includes('Rendered by C')).length, 1);
  },

  async one_that_registers_otherwise_each_time_is_an_error(server) {
    await begin(server, hostile('OTHER_EACH_TIME'));
    assert.equal((await make(server, 'Ann')).status, 503);
    await logged(server, /it registers other functions each time it is opened/);
  },

  async one_built_with_a_smaller_table_is_good(server) {
    await begin(server, hostile('OLDER'));
    assert.equal(JSON.parse((await make(server, 'filter-changes')).text).familyName, 'Changed by C');
    assert.equal((await create(server)).status, 200);
  },
};
