// Web: the pages in a real browser (the distribution's Chromium): the whole path of an invited client,
// with and without JavaScript, every page looked at by axe, on desktop and phone, light and dark, violations of
// the content policy counted.
// Pictures of each page go to build/web/. The last line is `N passed, N failed`.
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
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

let guests = 0;
async function invited(givenName, familyName = 'Lee') {
  const email = /^\w+$/.test(givenName) && givenName.length < 20 ? givenName.toLowerCase() : `guest${guests += 1}`;
  const client = await api('POST', '/v1/clients?sendInvite=true',
    { givenName, familyName, email: `${email}@example.com` });
  demand(client.inviteUrl, `no link: ${JSON.stringify(client)}`);
  return client;
}

// A page whose violations of the content policy and errors are counted.
async function open(options = {}) {
  const context = await browser.newContext({ viewport: { width: 900, height: 760 }, ...options });
  const page = await context.newPage();
  page.has_script = options.javaScriptEnabled !== false;
  page.faults = [];
  page.on('console', (message) => { if (message.type() === 'error') page.faults.push(message.text()); });
  page.on('pageerror', (error) => page.faults.push(String(error)));
  return page;
}

// axe runs in a copy of the page's own world: its script comes through the debugger, past the policy.
async function look(page, name) {
  const [wide, width, high] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth, document.documentElement.scrollHeight]);
  await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: high <= 16384 }); // no texture of Chromium's is higher
  demand(wide <= width, `${name} is ${wide} wide on a screen of ${width}`);
  if (!page.has_script) return;
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  demand(violations.length === 0,
    `axe: ${name}: ${JSON.stringify(violations.map((v) => [v.id, v.nodes.map((n) => n.html)]))}`);
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

// Pages as different people meet them.
const views = {
  desktop: { viewport: { width: 1280, height: 800 } },
  phone: { viewport: { width: 390, height: 760 } },
  dark: { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
};

async function survey(view, options) {
  const page = await open(options);
  const client = await invited(`Vera${view}`);
  const to = (path) => page.goto(path.startsWith('http') ? path : server.base + path);
  const see = (name) => look(page, `${view}-${name}`);
  await to(client.inviteUrl);
  await see('invite');
  await page.fill('#password', 'passwordpassword');
  await page.click('main [type=submit]');
  await see('invite-refused');
  await page.fill('#password', password);
  await page.click('main [type=submit]');
  await page.waitForURL(`${server.base}/`);
  await see('home');
  await page.click('nav >> text=Your account');
  await see('account');
  await page.click('text=Sign out >> visible=true');
  await page.waitForURL(`${server.base}/sign-in`);
  await see('sign-in');
  await page.fill('#email', client.email);
  await page.fill('#password', 'wrong wrong wrong');
  await page.click('main [type=submit]');
  await see('sign-in-refused');
  await to(client.inviteUrl);
  await see('used');
  await to('/forgot');
  await see('forgot');
  await to(`/reset/${'x'.repeat(64)}`);
  await see('reset-unknown');
  await to('/nowhere');
  await see('missing');
  await to('/docs');
  await see('docs');
}

// The pages of a plugin (wishes/), as a client and a member of staff meet them.
async function wish(page, name) {
  await page.click('nav >> text=Your wishes');
  demand(await page.getAttribute('nav >> text=Your wishes', 'aria-current') === 'page', 'the navigation does not say where one is');
  await look(page, `${name}-wishes`);
  await page.fill('#text', 'no');
  await page.fill('#days', 'soon');
  await page.check('#urgent');
  await page.click('main [type=submit]');
  await look(page, `${name}-wishes-refused`);
  demand(await page.inputValue('#text') === 'no' && await page.inputValue('#days') === 'soon'
    && await page.isChecked('#urgent'), 'what was written is lost');
  demand(await page.locator('[role=alert]').count() === 2, 'not both faults are shown');
  await page.fill('#text', 'A <b>lighter</b> room');
  await page.fill('#days', '');
  await page.click('main [type=submit]');
  await look(page, `${name}-wishes-sent`);
  demand((await page.textContent('[role=status]')).includes('“A <b>lighter</b> room” is on our list'), 'it does not say that it is kept');
  await page.reload();
  demand(await page.locator('[role=status]').count() === 0, 'it says so twice');
}

// The contrast of what an element has with what it lies on, as WCAG reckons it.
function contrast(page, selector, property, ground) {
  return page.evaluate(([selector, property, ground]) => {
    const light = (color) => color.match(/\d+/g).slice(0, 3)
      .map((part) => part / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
      .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
    const one = light(getComputedStyle(document.querySelector(selector))[property]);
    const two = light(getComputedStyle(document.querySelector(ground)).backgroundColor);
    return (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
  }, [selector, property, ground]);
}

async function tests() {
  for (const [view, options] of Object.entries(views)) {
    await test(`every_page_is_good_to_see_${view}`, () => survey(view, options));
  }
  for (const [view, options] of Object.entries({ ...views, plain: { javaScriptEnabled: false } })) {
    await test(`pages_of_plugins_are_like_our_own_${view}`, async () => {
      const page = await open(options);
      await page.goto((await invited(`Wim${view}`)).inviteUrl);
      await page.fill('#password', password);
      await page.click('main [type=submit]');
      await page.waitForURL(`${server.base}/`);
      await wish(page, view);
      await page.goto(`${server.base}/p/wishes/broken`);
      demand((await page.textContent('main')).includes('wishes could not answer'), 'nothing is said of the fault');
      page.faults = page.faults.filter((text) => !/status of 500/.test(text));
      await look(page, `${view}-wishes-broken`);
      await page.goto(`${server.base}/p/wishes/clients`);
      await look(page, `${view}-wishes-denied`);
    });
  }
  await test('pages_of_plugins_stand_in_the_navigation_of_those_who_may_open_them', async () => {
    const page = await open();
    const user = await api('POST', '/v1/internal-users?sendInvite=true',
      { givenName: 'Una', familyName: 'Staff', email: 'una@example.com', role: 'Staff' });
    await page.goto(user.inviteUrl);
    await page.fill('#password', password);
    await page.click('main [type=submit]');
    await page.waitForURL(`${server.base}/`);
    demand(await page.locator('nav >> text=Your wishes').count() === 0, 'what is for clients is shown to staff');
    await page.click('nav >> text=Wishes');
    await look(page, 'staff-wishes');
    await page.click('main a >> nth=0');
    await look(page, 'staff-wishes-client');
    demand(await page.getAttribute('nav >> text=Wishes', 'aria-current') === 'page', 'the page above is not marked');
    const { status } = await page.request.get(`${server.base}/p/wishes/assets/star.svg`).then((a) => ({ status: a.status() }));
    demand(status === 200, `the picture answers ${status}`);
  });
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
  await test('an_invited_member_of_staff_comes_in', async () => {
    const page = await open();
    const user = await api('POST', '/v1/internal-users?sendInvite=true',
      { givenName: 'Sam', familyName: 'Staff', email: 'sam@example.com', role: 'Staff' });
    demand(user.inviteUrl, `no link: ${JSON.stringify(user)}`);
    await accept(page, user.inviteUrl, 'staff');
    demand((await page.textContent('main')).includes('staff'), 'the home page does not know the staff');
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
  await test('names_of_any_length_and_script_fit', async () => {
    for (const [i, [given, family]] of [['Wolfeschlegelsteinhausenbergerdorff'.repeat(2), 'Hohenlohe-Waldenburg-Schillingsfürst'],
      ['محمد عبد الرحمن', 'الأنصاري'], ['<b>"\'&amp;</b>', 'O’Néill'], ['李', '小龍'], ['👩‍👩‍👧', 'नमस्ते']].entries()) {
      const page = await open({ viewport: { width: 320, height: 640 } });
      await accept(page, (await invited(given, family)).inviteUrl, `name-${i}`);
      demand((await page.textContent('h1')).includes(given), 'the name is not there as it is');
    }
  });
  await test('a_second_click_sends_nothing', async () => {
    const page = await open();
    const posts = [];
    await page.route('**/invite/*', async (route) => { // slow enough for a second click
      if (route.request().method() === 'POST') {
        posts.push(route.request().url());
        await new Promise((resolve) => { setTimeout(resolve, 500); });
      }
      await route.continue();
    });
    await page.goto((await invited('Dora')).inviteUrl);
    await page.fill('#password', password);
    const { x, y } = await page.locator('main [type=submit]').boundingBox();
    await page.mouse.click(x + 9, y + 9);
    await page.waitForTimeout(200);
    await page.mouse.click(x + 9, y + 9);
    await page.waitForURL(`${server.base}/`);
    demand(posts.length === 1, `posted ${posts.length} times`);
  });
  await test('a_password_can_be_looked_at', async () => {
    const page = await open();
    await page.goto((await invited('Hana')).inviteUrl);
    await page.fill('#password', password);
    await page.click('text=Show');
    demand(await page.getAttribute('#password', 'type') === 'text', 'it stays hidden');
    await look(page, 'password-shown');
    await page.click('text=Hide');
    demand(await page.getAttribute('#password', 'type') === 'password', 'it stays shown');
  });
  await test('people_keep_their_account', async () => {
    const page = await open();
    const elsewhere = await open({ userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0' });
    const client = await invited('Ida');
    await accept(page, client.inviteUrl, 'account-of');
    await elsewhere.goto(`${server.base}/sign-in`);
    await elsewhere.fill('#email', client.email);
    await elsewhere.fill('#password', password);
    await elsewhere.click('main [type=submit]');
    await elsewhere.waitForURL(`${server.base}/`);
    await page.goto(`${server.base}/account`);
    await page.fill('#phone', '+43 1 234567');
    await page.click('text=Save changes');
    await look(page, 'account-saved');
    demand((await page.textContent('[role=status]')).includes('profile is saved'), 'it does not say that it saved');
    await page.click('li:has-text("Firefox on Linux") >> text=Sign out');
    demand((await page.textContent('[role=status]')).includes('signed out'), 'it does not say that it ended');
    await elsewhere.goto(`${server.base}/`);
    demand(elsewhere.url() === `${server.base}/sign-in`, 'the other device is still in');
    await page.fill('#currentPassword', 'wrong wrong wrong');
    await page.fill('#newPassword', 'a second ladder of moss');
    await page.click('main button:has-text("Change password")');
    await look(page, 'account-refused');
    demand((await page.textContent('[role=alert]')).includes('not your current'), 'the reason is not shown');
    await page.fill('#currentPassword', password);
    await page.fill('#newPassword', 'a second ladder of moss');
    await page.click('main button:has-text("Change password")');
    await page.waitForURL(/saved=password/);
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
    await page.click('a[href="/docs/lua"]');
    await look(page, 'docs-lua');
    demand(await page.locator('[id="foyer.rule"]').count() === 1, 'the manual has no foyer.rule');
    const stubs = await (await page.request.get(`${server.base}/docs/foyer.d.lua`)).text();
    demand(stubs.startsWith('---@meta foyer') && stubs.includes('function foyer.rule('), 'the stubs are no stubs');
  });
  await test('colours_of_the_firm_stay_readable', async () => {
    for (const [name, colorAccent, colorSidebarBackground, colorSidebarText] of [
      ['yellow', '#ffd400', '#fff4c2', '#1b1b1b'], ['white', '#ffffff', '#ffffff', '#ffffff'],
      ['black', '#000000', '#000000', '#000000'], ['grey', '#767676', '#999999', '#aaaaaa'],
      ['loud', '#ccff00', '#ff00ff', '#ff0000'],
    ]) {
      await api('PATCH', '/v1/workspaces', { colorAccent, colorSidebarBackground, colorSidebarText });
      for (const colorScheme of ['light', 'dark']) {
        const page = await open({ colorScheme });
        await page.goto(`${server.base}/sign-in`);
        await look(page, `brand-${name}-${colorScheme}`);
        const button = await contrast(page, 'main [type=submit]', 'borderTopColor', '.card');
        demand(button >= 3, `${name} ${colorScheme}: the button has contrast ${button} with the card`);
        const ring = await contrast(page, '#email', 'outlineColor', '.card'); // it has the focus
        demand(ring >= 3, `${name} ${colorScheme}: the ring has contrast ${ring} with the card`);
        await accept(page, (await invited(`Guest ${name}`)).inviteUrl, `brand-${name}-${colorScheme}`);
      }
    }
  });
}

mkdirSync(pictures, { recursive: true });
try {
  await server.init('Rocket Agency', 'owner@example.com');
  cpSync(join(here, 'wishes'), join(server.data, 'plugins', 'wishes'), { recursive: true });
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
