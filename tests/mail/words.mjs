// Words: what stands in the mails, whatever names, messages and scripts try.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { api, ask, begin, delivery, invite, inviteOf, sendBy } from './lib.mjs';

const LINK = /http:\/\/127\.0\.0\.1:\d+\/invite\/[\w-]+/;

async function mailTo(server, one, client) {
  await delivery(server, client, 'sent');
  const [mail] = one.takenFor(client.email);
  return { ...mail, ...(await mail.parsed()), raw: mail.raw };
}

// Somebody who is invited with personal words.
async function inviteWith(server, message) {
  const client = await invite(server, {}, false);
  const { data } = await api(server, 'POST', '/v1/invites', { clientIds: [client.id], message });
  assert.equal(data[0].ok, true);
  return client;
}

function headersOf(raw) {
  return raw.slice(0, raw.indexOf('\r\n\r\n'));
}

async function script(server, text) {
  const folder = join(server.data, 'scripts');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'invite_email.lua'), text);
  return ask(server, 'POST', '/v1/plugins/reload');
}

export const words = {
  async a_mail_has_a_text_and_a_page_with_the_same_link(server, peer) {
    const one = peer();
    await begin(server, one);
    const mail = await mailTo(server, one, await invite(server));
    assert.match(headersOf(mail.raw), /^Content-Type: multipart\/alternative;/m);
    assert.match(mail.text, LINK);
    assert.ok(mail.html.includes(LINK.exec(mail.text)[0]));
    assert.match(mail.subject, /Rocket Agency/);
    assert.equal(mail.from.text, '"Rocket Agency" <portal@firm.example>');
    assert.match(headersOf(mail.raw), /^Auto-Submitted: auto-generated\r$/m);
    const accepted = await ask(server, 'GET', new URL(LINK.exec(mail.text)[0]).pathname, { key: '' });
    assert.equal(accepted.status, 200);
  },

  async names_bring_no_tags_and_no_quotes_of_their_own(server, peer) {
    const one = peer();
    await begin(server, one);
    const nasty = `<b>"Ann" & 'Co'</b>`;
    await api(server, 'PATCH', '/v1/workspaces', { brandName: `Rocket "& Söhne" <i>` });
    const ann = await invite(server, { givenName: nasty });
    const mail = await mailTo(server, one, ann);
    assert.ok(mail.text.includes(nasty), mail.text);
    assert.ok(mail.text.includes('Rocket "& Söhne" <i>'), mail.text);
    assert.ok(mail.html.includes('&lt;b&gt;&quot;Ann&quot; &amp; &#39;Co&#39;&lt;/b&gt;'), mail.html);
    assert.ok(!/<b>|<i>/.test(mail.html), mail.html);
    assert.ok(mail.subject.includes('Rocket "& Söhne" <i>'), mail.subject);
    assert.deepEqual(mail.from.value, [{ address: 'portal@firm.example', name: 'Rocket "& Söhne" <i>' }]);
    assert.equal(mail.to.value.length, 1);
    const bob = await inviteWith(server, `see <script>alert("1")</script>\n.\nQUIT`);
    const again = await mailTo(server, one, bob);
    assert.ok(again.text.includes('see <script>alert("1")</script>\n.\nQUIT'), again.text);
    assert.ok(again.html.includes('see &lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;'), again.html);
    assert.ok(!again.html.includes('<script>'), again.html);
  },

  async line_breaks_make_no_headers_and_no_commands(server, peer) {
    const one = peer();
    await begin(server, one);
    const breaks = ['\r\nBcc: eve@evil.example', '\nBcc: eve@evil.example', '\rBcc: eve@evil.example', '\u0000', '\u0085x',
      '\u2028Bcc: eve@evil.example', '\u2029Bcc: eve@evil.example']; // lines to some programs of mail
    for (const part of breaks) {
      for (const fields of [{ givenName: `Ann${part}` }, { familyName: `Lee${part}` }, { email: `ann@client.example${part}` }]) {
        const body = JSON.stringify({ givenName: 'Ann', familyName: 'Lee', email: 'a@client.example', ...fields });
        const { status } = await ask(server, 'POST', '/v1/clients?sendInvite=true', { body });
        assert.equal(status, 400, JSON.stringify(fields));
      }
      for (const name of ['brandName', 'mailFromName']) {
        const { status } = await ask(server, 'PATCH', '/v1/workspaces', { body: JSON.stringify({ [name]: `Rocket${part}` }) });
        assert.equal(status, 400, `${name}: ${JSON.stringify(part)}`);
      }
    }
    const lines = 'one\n.\nMAIL FROM:<eve@evil.example>\nBcc: eve@evil.example\n\n.';
    const mail = await mailTo(server, one, await inviteWith(server, lines));
    assert.ok(mail.text.includes(lines), mail.text);
    for (const mail of one.taken) {
      assert.ok(!/^bcc/im.test(headersOf(mail.raw)), mail.raw);
      assert.equal((await mail.parsed()).bcc, undefined);
      assert.ok(!/[^\r]\n|\r[^\n]/.test(mail.raw));
      assert.equal(mail.from, 'portal@firm.example');
    }
    assert.ok(one.sessions.every(({ envelope }) => !/evil/.test(JSON.stringify(envelope))));
  },

  // The end of a line to some programs of mail: `foyer init` takes it in a name.
  async a_name_that_cannot_stand_in_a_mail_holds_up_none(server, peer) {
    const one = peer();
    await one.listen();
    sendBy(server, one);
    await server.init('Rocket', 'owner@example.com');
    // no road of ours takes such a name: a database that an older program filled may have one
    execFileSync('sqlite3', [join(server.data, 'foyer.db'), "UPDATE workspaces SET name = 'Rocket\u2028Bcc: eve@evil.example'"]);
    await server.start();
    const ann = await invite(server);
    const mail = await mailTo(server, one, ann);
    assert.deepEqual(mail.from.value, [{ address: 'portal@firm.example', name: '' }]);
    assert.match(mail.subject, /invites you to /);
    assert.ok(!/^bcc/im.test(headersOf(mail.raw)));
    assert.match((await inviteOf(server, ann)).deliveryFallback, /./);
  },

  async a_mail_speaks_the_language_of_the_workspace(server, peer) {
    const one = peer();
    await begin(server, one);
    const says = {
      de: /Kundenportal/, fr: /portail client/, es: /portal de clientes/, en: /client portal/, 'de-AT': /Kundenportal/, ja: /client portal/,
    };
    for (const [locale, text] of Object.entries(says)) {
      await api(server, 'PATCH', '/v1/workspaces', { locale });
      const mail = await mailTo(server, one, await invite(server));
      assert.match(mail.text, text, locale);
      assert.match(mail.html, text, locale);
      if (locale !== 'ja') assert.match(headersOf(mail.raw), new RegExp(`^Content-Language: ${locale}\\r$`, 'm'));
    }
  },

  async an_admins_own_words_are_used_at_once(server, peer) {
    const one = peer();
    await begin(server, one);
    const { status, text } = await script(server, `local foyer = require("foyer")
foyer.render("mail.invite", function(_, data)
  return { subject = "Hi " .. data.givenName, text = "Come in: " .. data.link .. "\\n" }
end)
`);
    assert.equal(status, 200, text);
    const mail = await mailTo(server, one, await invite(server));
    assert.equal(mail.subject, 'Hi Ann');
    assert.match(mail.text, /^Come in: http/);
    assert.match(headersOf(mail.raw), /^Content-Type: text\/plain/m);
  },

  async where_the_script_fails_plain_words_go_out_and_the_invite_says_why(server, peer) {
    const one = peer();
    await begin(server, one);
    const faults = [
      ['error("I am broken")', /invite_email\.lua:4: I am broken/],
      ['local nothing = nil; return nothing.subject', /invite_email\.lua:4/],
      ['while true do end', /invite_email/],
      ['return { subject = "x\\r\\nBcc: eve@evil.example", text = data.link }', /subject must be one line/],
      ['return { subject = "x", text = "no way in" }', /left data\.link out/],
      ['return { subject = "x" }', /./],
      ['return { text = data.link }', /./],
      ['return 42', /./],
      ['return nil', /./],
      ['return { subject = "x", text = data.link .. "\\0" }', /NUL/],
      ['return { subject = "x", text = data.link .. "\\xff" }', /UTF-8/],
      ['return { subject = "x", text = data.link .. ("y"):rep(900000), html = ("z"):rep(900000) }', /./],
    ];
    for (const [body, why] of faults) {
      const { status, text } = await script(server, `local foyer = require("foyer")
-- a comment
foyer.render("mail.invite", function(_, data)
  ${body}
end)
`);
      assert.equal(status, 200, text);
      const ann = await invite(server);
      const mail = await mailTo(server, one, ann);
      const told = (await inviteOf(server, ann)).deliveryFallback;
      assert.match(told ?? '', why, body);
      assert.match(mail.text, LINK);
      assert.match(mail.text, /Hello Ann,/);
      assert.match(mail.subject, /invites you to Rocket Agency|invites you/);
      assert.ok(!/evil/.test(mail.raw));
    }
    const { text } = await ask(server, 'GET', '/metrics', { key: '' });
    assert.match(text, new RegExp(`^foyer_mails_fallback_total ${faults.length}$`, 'm'));
    assert.match(server.stderr, /gets the built-in text/);
    rmSync(join(server.data, 'scripts', 'invite_email.lua'));
    await ask(server, 'POST', '/v1/plugins/reload');
    const ann = await invite(server);
    assert.ok((await mailTo(server, one, ann)).html);
    assert.equal((await inviteOf(server, ann)).deliveryFallback, null);
  },

  async letters_of_all_the_world_come_through(server, peer) {
    const one = peer();
    await begin(server, one);
    await api(server, 'PATCH', '/v1/workspaces', { brandName: `${'Ω'.repeat(60)} 株式会社 🚀` });
    const zoe = await invite(server, { givenName: 'Zoë 🚀', familyName: 'Ñandú', email: 'zoë@bücher.example' });
    const mail = await mailTo(server, one, { ...zoe, email: 'zoë@bücher.example' });
    assert.match(mail.text, /Zoë 🚀/);
    assert.ok(mail.subject.includes('株式会社 🚀'));
    assert.equal(mail.from.value[0].name, `${'Ω'.repeat(60)} 株式会社 🚀`);
    for (const line of mail.raw.split('\r\n')) assert.ok(Buffer.byteLength(line) <= 998, line);
    const plain = peer({ hideSMTPUTF8: true });
    await one.close();
    plain.port = one.port;
    await plain.listen();
    const refused = await invite(server, { email: 'zoé@client.example' });
    assert.match((await delivery(server, refused, 'refused')).deliveryText, /SMTPUTF8/);
    const domain = await invite(server, { email: 'ann@bücher.example' }); // only its domain: travels in ASCII
    await delivery(server, domain, 'sent');
  },

  async without_mail_from_it_comes_from_the_address_of_the_server(server, peer) {
    const one = peer();
    await one.listen();
    server.env.FOYER_SMTP_URL = one.url;
    await server.init('Rocket Agency', 'owner@example.com');
    await server.start();
    const mail = await mailTo(server, one, await invite(server));
    assert.match(mail.messageId, /@\[127\.0\.0\.1\]>$/);
    await server.restart(['--base-url', 'https://portal.firm.example']);
    const next = await mailTo(server, one, await invite(server));
    assert.equal(next.from.value[0].address, 'noreply@portal.firm.example');
    assert.match(next.text, /https:\/\/portal\.firm\.example\/invite\//);
  },
};
