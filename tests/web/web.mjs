// Web: the pages in a real browser (the distribution's Chromium): the whole path of an invited client,
// with and without JavaScript, every page looked at by axe, violations of the content policy counted.
// Pictures of each page go to build/web/. The last line is `N passed, N failed`.
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { Server } from '../stories/lib/server.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const pictures = join(here, '..', '..', 'build', 'web');
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const password = 'a ladder of wet moss';
const server = new Server();
let passed = 0;
let failed = 0;
let browser;

async function test(name, run) {
  try {
    await run();
    passed += 1;
    console.log(`ok ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED ${name}\n    ${error.stack}`);
  }
}

function demand(condition, text) { if (!condition) throw new Error(text); }

async function api(method, path, body) {
  const answer = await fetch(server.base + path, {
    method,
    headers: { 'x-api-key': server.key, 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  return answer.json();
}

async function invited(givenName) {
  const client = await api('POST', '/v1/clients?sendInvite=true',
    { givenName, familyName: 'Lee', email: `${givenName.toLowerCase()}@example.com` });
  demand(client.inviteUrl, `no link: ${JSON.stringify(client)}`);
  return client;
}

// A page whose violations of the content policy and errors are counted.
async function open(options = {}) {
  const context = await browser.newContext({ viewport: { width: 900, height: 760 }, ...options });
  const page = await context.newPage();
  page.faults = [];
  page.on('console', (message) => { if (message.type() === 'error') page.faults.push(message.text()); });
  page.on('pageerror', (error) => page.faults.push(String(error)));
  return page;
}

// axe runs in a copy of the page's own world: its script comes through the debugger, past the policy.
async function look(page, name) {
  await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  demand(violations.length === 0, `axe: ${JSON.stringify(violations.map((v) => [v.id, v.nodes.map((n) => n.html)]))}`);
  const faults = page.faults.filter((text) => !/status of (4\d\d)/.test(text)); // the page itself is a 404, 410 …
  demand(faults.length === 0, `console: ${faults.join('\n')}`);
}

async function accept(page, url, name) {
  await page.goto(url);
  await look(page, `${name}-1-invite`);
  await page.fill('input[name=password]', password);
  await page.click('button[type=submit]');
  await page.waitForURL(`${server.base}/`);
  await look(page, `${name}-2-home`);
  demand((await page.textContent('header')).includes('Rocket Agency'), 'the home page lacks the name of the workspace');
}

async function tests() {
  await test('an_invited_client_comes_in', async () => {
    const page = await open();
    await accept(page, (await invited('Ann')).inviteUrl, 'with-script');
    await page.click('text=Sign out');
    await page.waitForURL(`${server.base}/sign-in`);
    await look(page, 'sign-in');
    await page.fill('input[name=email]', 'ann@example.com');
    await page.fill('input[name=password]', 'wrong wrong wrong');
    await page.click('button[type=submit]');
    await look(page, 'sign-in-refused');
    demand(await page.isVisible('[role=alert]'), 'the refusal is not announced');
    demand(await page.inputValue('input[name=email]') === 'ann@example.com', 'the address was lost');
    await page.fill('input[name=password]', password);
    await page.click('button[type=submit]');
    await page.waitForURL(`${server.base}/`);
  });
  await test('it_works_without_javascript', async () => {
    const page = await open({ javaScriptEnabled: false });
    const { inviteUrl } = await invited('Bob');
    await page.goto(inviteUrl);
    await page.fill('input[name=password]', password);
    await page.click('button[type=submit]');
    await page.waitForURL(`${server.base}/`);
    demand((await page.textContent('h1')).includes('Bob'), 'not signed in');
  });
  await test('it_works_by_keyboard_alone', async () => {
    const page = await open();
    await page.goto((await invited('Cid')).inviteUrl);
    await page.keyboard.type(password); // the field has the focus
    await page.keyboard.press('Enter');
    await page.waitForURL(`${server.base}/`);
  });
  await test('it_fits_a_small_screen', async () => {
    const page = await open({ viewport: { width: 320, height: 640 } });
    await page.goto((await invited('Dora')).inviteUrl);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    demand(wide <= 320, `the page is ${wide} wide`);
    await look(page, 'small-invite');
  });
  await test('links_that_open_nothing_say_why', async () => {
    const page = await open();
    const client = await invited('Eve');
    await page.goto(`${server.base}/invite/${'x'.repeat(64)}`);
    await look(page, 'unknown');
    const { data } = await api('GET', `/v1/invites?clientId=${client.id}`);
    await api('POST', `/v1/invites/${data[0].id}/cancel`);
    await page.goto(client.inviteUrl);
    await look(page, 'cancelled');
    const late = await invited('Finn');
    server.moveClock(40 * 86400);
    await page.goto(late.inviteUrl);
    await look(page, 'expired');
    await page.click('text=Send me a fresh link');
    await look(page, 'renewed');
    demand((await page.textContent('h1')).includes('on its way'), 'nothing is said of the fresh link');
  });
  await test('a_weak_password_is_explained', async () => {
    const page = await open();
    await page.goto((await invited('Gil')).inviteUrl);
    await page.fill('input[name=password]', 'passwordpassword');
    await page.click('button[type=submit]');
    await look(page, 'weak-password');
    demand((await page.textContent('[role=alert]')).includes('Many people'), 'the reason is not shown');
  });
  await test('a_forgotten_password_and_other_pages', async () => {
    const page = await open();
    await page.goto(`${server.base}/forgot`);
    await look(page, 'forgot');
    await page.fill('input[name=email]', 'nobody@example.com');
    await page.click('button[type=submit]');
    await look(page, 'forgot-sent');
    await page.goto(`${server.base}/docs`);
    await look(page, 'docs');
    await page.goto(`${server.base}/nowhere`);
  });
  await test('colours_of_the_firm_stay_readable', async () => {
    await api('PATCH', '/v1/workspaces', { colorAccent: '#ffd400', colorSidebarBackground: '#fff4c2', colorSidebarText: '#1b1b1b' });
    const page = await open();
    await page.goto(`${server.base}/sign-in`);
    await look(page, 'yellow');
  });
}

mkdirSync(pictures, { recursive: true });
try {
  await server.init('Rocket Agency', 'owner@example.com');
  await server.start();
  browser = await chromium.launch({
    executablePath: process.env.FOYER_CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync'],
  });
  await tests();
  await browser.close();
  const code = await server.stop();
  demand(code === 0, `the server ended with ${code}`);
} catch (error) {
  failed += 1;
  console.log(`FAILED to run\n    ${error.stack}\n${server.stderr ?? ''}`);
  await browser?.close();
} finally {
  await server.stop();
  server.remove();
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed || !passed ? 1 : 0);
