// Tell: runs the steps of a story against a server of its own, and says which line went wrong.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { check } from './checks.mjs';
import { awaitMail, mailsOf } from './mail.mjs';
import { Server } from './server.mjs';

const units = { second: 1, minute: 60, hour: 3600, day: 86400 };
const patience = process.env.FOYER_SANITIZER ? 40_000 : 15_000;

export async function tell(story) {
  const told = { server: new Server(), names: {}, jars: {}, mails: {}, last: null, flags: [] };
  let step;
  try {
    for (step of story.steps) await take(told, step);
    const code = await told.server.stop();
    if (code !== 0) throw new Error(`the server ended with ${code}`);
    if (/ERROR: |runtime error|WARNING: ThreadSanitizer/.test(told.server.stderr ?? '')) throw new Error('a sanitizer spoke');
  } catch (error) {
    error.story = `${story.file}:${error.line ?? step?.number}: ${story.title}\n${step?.head}\n${error.message}`
      + `${told.last ? `\nanswer: ${told.last.status} ${told.last.text.slice(0, 1500)}` : ''}`
      + `\n--- log\n${(told.server.stderr ?? '').slice(-3000)}`;
    await told.server.stop().catch(() => {});
    throw error;
  } finally {
    told.server.remove();
  }
}

function fill(told, text) {
  return text.replace(/\{(\w+)\}/g, (all, name) => (name in told.names ? String(told.names[name]) : all));
}

async function take(told, step) {
  const head = fill(told, step.head);
  for (const [pattern, run] of kinds) {
    const match = pattern.exec(head);
    if (match) return run(told, step, match);
  }
  throw new Error(`no such step: ${step.head}`);
}

const kinds = [
  [/^workspace "([^"]*)" owned by (\S+)(?: with the password "(.*)")?( with the demo)?(?: served with (.*))?$/, async (told, step, [, name, owner, password, demo, flags]) => {
    const file = `${told.server.data}.password`;
    if (password) writeFileSync(file, password);
    const said = await told.server.init(name, owner,
      [...(demo ? ['--demo'] : []), ...(password ? ['--password-file', file] : [])]);
    if (password) rmSync(file);
    if (!told.server.key) throw new Error(`init said ${JSON.stringify(said)}`);
    Object.assign(told.names, { workspace: said.workspace, key: said.api_key, sign_in: pathIn(said.sign_in) });
    told.flags = flags ? flags.split(' ') : [];
    await told.server.start(told.flags);
  }],
  [/^=> (\d+)$/, async (told, step, [, status]) => {
    if (!told.last) throw new Error('nobody asked');
    if (told.last.status !== Number(status)) throw new Error(`wanted ${status}`);
    checkAll(told, step, told.last);
  }],
  [/^(\w+) (GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) (\S+)$/, async (told, step, [, who, method, path]) => {
    told.last = await ask(told, step, who, method, path);
  }],
  // what another thread does a moment later: asked again until the answer has the text
  [/^(\w+) GET (\S+) until (.+)$/, async (told, step, [, who, path, text]) => {
    const late = Date.now() + patience;
    do {
      told.last = await ask(told, step, who, 'GET', path);
      if (told.last.text.includes(text)) return;
      await new Promise((resolve) => { setTimeout(resolve, 50); });
    } while (Date.now() < late);
    throw new Error(`the answer never had ${text}`);
  }],
  [/^(\d+) times at once (\w+) (POST|PATCH|DELETE) (\S+) => (.*)$/, async (told, step, [, times, who, method, path, wanted]) => {
    const answers = await Promise.all(Array.from({ length: Number(times) }, () => ask(told, step, who, method, path)));
    const counts = {};
    for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
    const got = Object.keys(counts).sort().map((status) => `${counts[status]} of ${status}`).join(', ');
    if (got !== wanted) throw new Error(`got ${got}`);
  }],
  [/^mail to (\S+)$/, async (told, step, [, address]) => {
    const nth = told.mails[address] ?? 0;
    const mail = await awaitMail(told.server.data, address, nth, patience);
    if (!mail) throw new Error(`there is no mail number ${nth + 1} to ${address}`);
    told.mails[address] = nth + 1;
    for (const line of step.lines) checkMail(told, fill(told, line.text), mail, line);
  }],
  [/^no more mail to (\S+)$/, async (told, step, [, address]) => {
    await new Promise((resolve) => { setTimeout(resolve, 400); });
    const count = (await mailsOf(told.server.data)).filter((mail) => mail.to.includes(address.toLowerCase())).length;
    if (count !== (told.mails[address] ?? 0)) throw new Error(`there are ${count}`);
  }],
  [/^clock \+ (\d+) (second|minute|hour|day)s?$/, async (told, step, [, number, unit]) => {
    told.server.moveClock(Number(number) * units[unit]);
  }],
  [/^restart$/, async (told) => told.server.restart(told.flags)],
  [/^write (\S+)$/, async (told, step, [, name]) => {
    const path = join(told.server.data, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, step.text);
  }],
  [/^remove (\S+)$/, async (told, step, [, name]) => rmSync(join(told.server.data, name), { recursive: true })],
  [/^file (\S+) has "(.*)"$/, async (told, step, [, name, text]) => {
    const all = readFileSync(join(told.server.data, name), 'utf8');
    if (!all.includes(text)) throw new Error(`it has ${all}`);
  }],
  [/^no file (\S+)$/, async (told, step, [, name]) => {
    if (existsSync(join(told.server.data, name))) throw new Error('it is there');
  }],
  [/^wait (\d+) seconds?$/, async (told, step, [, seconds]) => {
    await new Promise((resolve) => { setTimeout(resolve, Number(seconds) * 1000); });
  }],
  [/^foyer (.*)$/, async (told, step, [, words]) => {
    const args = words.replace(/DATA/g, told.server.data).match(/"[^"]*"|\S+/g).map((word) => word.replace(/^"|"$/g, ''));
    const done = await told.server.command(args);
    told.last = { status: done.code, text: done.stdout + done.stderr, json: parsed(done.stdout) ?? done, headers: new Headers() };
  }],
];

// Lines: JSON, `name=value` of a form, or `with Header: value`. A name is a cookie jar; `api` has the key.
async function ask(told, step, who, method, path) {
  const headers = { ...(who === 'api' ? { 'x-api-key': told.server.key } : {}) };
  const jar = who === 'api' || who === 'nobody' ? null : (told.jars[who] ??= {});
  const form = new URLSearchParams();
  let body;

  if (jar && Object.keys(jar).length) {
    headers.cookie = Object.entries(jar).map(([name, value]) => `${name}=${value}`).join('; ');
  }
  if (jar && !['GET', 'HEAD', 'OPTIONS'].includes(method)) headers.origin = told.server.base;
  for (const { text } of step.lines) {
    const line = fill(told, text);
    const header = /^with ([\w-]+): ?(.*)$/.exec(line);
    const field = /^([\w]+)=(.*)$/.exec(line);
    if (header) headers[header[1].toLowerCase()] = header[2];
    else if (field) form.append(field[1], field[2]);
    else body = (body ?? '') + line;
  }
  if (body !== undefined) headers['content-type'] ??= 'application/json';
  if ([...form].length) {
    body = form.toString();
    headers['content-type'] = 'application/x-www-form-urlencoded';
  }
  const answer = await fetch(told.server.base + pathIn(path), { method, headers, body, redirect: 'manual' });
  const text = await answer.text();
  for (const cookie of cookiesOf(answer.headers)) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie);
    if (jar && /Max-Age=0/.test(cookie)) delete jar[name];
    else if (jar) jar[name] = value;
  }
  let json;
  try { json = JSON.parse(text); } catch { json = undefined; }
  return { status: answer.status, text, json, headers: answer.headers };
}

function parsed(text) {
  try { return JSON.parse(text); } catch { return undefined; }
}

// Node.js 18 of Debian joins them; none of ours has a comma.
function cookiesOf(headers) {
  return headers.getSetCookie?.() ?? (headers.get('set-cookie') ?? '').split(', ').filter(Boolean);
}

function checkAll(told, step, what) {
  for (const line of step.lines) at(line, () => check(fill(told, line.text), what, told.names));
}

function checkMail(told, text, mail, line) {
  at(line, () => {
    const link = /^link as (\w+)$/.exec(text);
    if (!link) return check(text, { json: mail, text: mail.html, headers: new Headers() }, told.names);
    const url = /https?:\/\/[^\s"<>]+\/(?:invite|reset|sign-in)\/[\w-]+/.exec(mail.text);
    if (!url) throw new Error(`the mail has no link:\n${mail.text}`);
    if (!mail.html.includes(url[0])) throw new Error('the HTML part lacks the link of the text');
    told.names[link[1]] = pathIn(url[0]);
    return undefined;
  });
}

function at(line, run) {
  try { run(); } catch (error) { error.line = line.number; error.message = `${line.text}: ${error.message}`; throw error; }
}

function pathIn(url) { return url ? url.replace(/^https?:\/\/[^/]+/, '') : ''; }
