// Figures: what plugins count for /metrics: what is declared, held until the change is made, and bounded; the text is read
// line by line as Prometheus does.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { init, well } from './lib.mjs';

const script = `-- Figures, for a test.
local foyer = require("foyer")
foyer.metrics.counter("made", { help = "Clients\\\\made\\n\\"here\\"", labels = { "result", "workspace" } })
foyer.metrics.gauge("newest", { labels = { "name" } })
foyer.metrics.histogram("length", { help = "Of names", buckets = { 1, 3.5, 10 } })
foyer.metrics.counter("plain_total")
foyer.filter("client.create", function(_, client)
  foyer.metrics.add("made", 1, { result = client.familyName or "none" })
  foyer.metrics.add("plain_total", 0.5)
  foyer.metrics.set("newest", #client.givenName, { name = client.givenName })
  foyer.metrics.observe("length", #client.givenName)
  for _, bad in ipairs({
    function() foyer.metrics.add("mad") end,
    function() foyer.metrics.add("newest") end,
    function() foyer.metrics.add("made", -1, { result = "x" }) end,
    function() foyer.metrics.add("made", 0 / 0, { result = "x" }) end,
    function() foyer.metrics.add("made") end,
    function() foyer.metrics.add("made", 1, { result = {} }) end,
    function() foyer.metrics.add("made", 1, { result = ("x"):rep(101) }) end,
    function() foyer.metrics.add("made", 1, { result = "\\xff" }) end,
    function() foyer.metrics.add("made", 1, { result = "x", more = "y" }) end,
    function() foyer.metrics.add("made", 1, { result = "x", workspace = "y" }) end,
    function() foyer.metrics.counter("late") end,
  }) do assert(not pcall(bad)) end
  if client.givenName == "Refused" then return foyer.reject("no", "No.") end
end)
`;

// {name: {type, help}}, [{name, labels, value}]; fails where a line is none.
function read(text) {
  const families = new Map();
  const samples = [];
  for (const line of text.split('\n').slice(0, -1)) {
    const help = /^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) ((?:[^\\\n]|\\\\|\\n)*)$/.exec(line);
    const type = /^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)$/.exec(line);
    if (help) { assert.ok(!families.has(help[1]), `${help[1]} has two heads`); families.set(help[1], { help: help[2] }); continue; }
    if (type) { families.get(type[1]).type = type[2]; continue; }
    const sample = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\\\|\\"|\\n)*",?)*)\})? (-?(?:[0-9.]+(?:e[+-]?[0-9]+)?|Inf)|\+Inf|NaN)$/.exec(line);
    assert.ok(sample, `no line of /metrics: ${line}`);
    const labels = Object.fromEntries([...(sample[2] ?? '').matchAll(/([a-zA-Z0-9_]+)="((?:[^"\\]|\\.)*)"/g)]
      .map(([, name, value]) => [name, value.replace(/\\(.)/g, (_, c) => (c === 'n' ? '\n' : c))]));
    const base = families.has(sample[1]) ? sample[1] : sample[1].replace(/_(bucket|sum|count)$/, '');
    assert.ok(families.get(base)?.type, `${sample[1]} has no head`);
    assert.equal([...families.keys()].at(-1), base, `${sample[1]} stands with its own`);
    samples.push({ name: sample[1], labels, value: Number(sample[3].replace('Inf', 'Infinity')) });
  }
  const keys = samples.map(({ name, labels }) => JSON.stringify([name, labels]));
  assert.equal(new Set(keys).size, keys.length, 'a series stands there twice');
  return { families, samples };
}

export const figures = {
  async what_a_plugin_counts_is_shown_once_it_has_happened(server) {
    const { workspace } = await server.init('Figures', 'owner@example.com');
    mkdirSync(join(server.data, 'scripts'), { recursive: true });
    writeFileSync(join(server.data, 'scripts', 'figures.lua'), script);
    Object.assign(server.env, { FOYER_STUTTER: '1' }); // each change is made twice, and rolled back once
    await server.start();
    const create = (givenName, familyName, email = `${encodeURIComponent(givenName).toLowerCase().replace(/%/g, '')}@example.com`) => fetch(`${server.base}/v1/clients`, { method: 'POST',
      headers: { 'x-api-key': server.key, 'content-type': 'application/json' }, body: JSON.stringify({ givenName, familyName, email }) });
    const metrics = async () => read(await (await fetch(`${server.base}/metrics`)).text());
    const of = ({ samples }, name, labels = {}) => samples.filter((s) => s.name === name && Object.entries(labels).every(([k, v]) => s.labels[k] === v));

    let now = await metrics();
    assert.equal(now.families.get('foyer_plugin_made_total').help, 'Clients\\\\made\\n"here"');
    assert.deepEqual(of(now, 'foyer_plugin_plain_total'), [{ name: 'foyer_plugin_plain_total', labels: { plugin: 'figures.lua' }, value: 0 }]);
    assert.deepEqual(of(now, 'foyer_plugin_made_total'), []);
    const strange = 'a "b" \\ {c}=d, # e';
    assert.equal((await create('Ann', strange)).status, 200);
    assert.equal((await create('Bo', strange)).status, 200);
    assert.equal((await create('Refused', strange)).status, 422);
    assert.equal((await create('Ann', strange)).status, 409);
    now = await metrics();
    assert.deepEqual(of(now, 'foyer_plugin_made_total').map(({ labels, value }) => [labels, value]),
      [[{ plugin: 'figures.lua', result: strange, workspace }, 2]]);
    assert.equal(of(now, 'foyer_plugin_plain_total')[0].value, 1);
    assert.equal(of(now, 'foyer_plugin_newest', { name: 'Bo' })[0].value, 2);
    assert.deepEqual(of(now, 'foyer_plugin_length_bucket').map(({ labels, value }) => [labels.le, value]), [['1', 0], ['3.5', 2], ['10', 2], ['+Inf', 2]]);
    assert.equal(of(now, 'foyer_plugin_length_sum')[0].value, 5);
    assert.equal(of(now, 'foyer_plugin_length_count')[0].value, 2);

    // A flood of labels ends in one series; figures stay when another script is reloaded, and go with their own.
    for (let i = 0; i < 120; i++) assert.equal((await create(`N${i}`, `F${i}`)).status, 200);
    now = await metrics();
    const made = of(now, 'foyer_plugin_made_total');
    assert.equal(made.length, 101);
    assert.equal(of(now, 'foyer_plugin_made_total', { result: 'other' })[0].value, 21);
    assert.equal(made.reduce((sum, { value }) => sum + value, 0), 122);
    assert.equal(server.stderr.match(/a metric has no room for more labels/g).length, 2); // of made, and of newest
    writeFileSync(join(server.data, 'scripts', 'zz.lua'), 'local foyer = require("foyer")\nfoyer.metrics.counter("plain")\n');
    const reload = () => fetch(`${server.base}/v1/plugins/reload`, { method: 'POST', headers: { 'x-api-key': server.key } });
    assert.equal((await reload()).status, 200);
    now = await metrics();
    assert.equal(of(now, 'foyer_plugin_plain_total', { plugin: 'figures.lua' })[0].value, 61);
    assert.equal(of(now, 'foyer_plugin_plain_total', { plugin: 'zz.lua' })[0].value, 0);
    writeFileSync(join(server.data, 'scripts', 'figures.lua'), script.replace('"plain_total")', '"plain_total", { labels = {} })').replace('{ 1, 3.5, 10 }', '{ 1, 2 }'));
    assert.equal((await reload()).status, 200);
    now = await metrics();
    assert.equal(of(now, 'foyer_plugin_plain_total', { plugin: 'figures.lua' })[0].value, 61);
    assert.equal(of(now, 'foyer_plugin_length_count')[0].value, 0);
    assert.equal(await server.stop(), 0);
  },

  async a_faulty_declaration_is_told_with_its_line(server) {
    await init(server);
    mkdirSync(join(server.data, 'scripts'), { recursive: true });
    const file = join(server.data, 'scripts', 'other.lua');
    const check = async (pattern, line) => {
      writeFileSync(join(server.folder, 'x.lua'), `local foyer = require("foyer")\n${line}\n`);
      const { code, stdout, stderr } = await server.command(['script', 'check', join(server.folder, 'x.lua'), '--data', server.data]);
      assert.equal(code, 1, line);
      assert.match(stdout + stderr, pattern);
    };
    writeFileSync(file, 'local foyer = require("foyer")\nfoyer.metrics.gauge("size")\n');
    await check(/x\.lua:2: .*a metric is called by small letters/, 'foyer.metrics.counter("A b")');
    await check(/x\.lua:2: .*only counters end in _total/, 'foyer.metrics.gauge("x_total")');
    await check(/are a histogram's own/, 'foyer.metrics.gauge("x_count")');
    await check(/labels must be an array of at most 4 names/, 'foyer.metrics.gauge("x", { labels = { "a", "b", "c", "d", "e" } })');
    await check(/neither plugin nor le/, 'foyer.metrics.gauge("x", { labels = { "le" } })');
    await check(/has the label a twice/, 'foyer.metrics.gauge("x", { labels = { "a", "a" } })');
    await check(/buckets are numbers that rise/, 'foyer.metrics.histogram("x", { buckets = { 2, 1 } })');
    await check(/"buckets" is unknown/, 'foyer.metrics.gauge("x", { buckets = { 2, 1 } })');
    await check(/the metric x_total is declared twice/, 'foyer.metrics.counter("x") foyer.metrics.counter("x_total")');
    await check(/more than 50 metrics are declared/, 'for i = 1, 51 do foyer.metrics.gauge("x" .. i) end');
    await check(/x\.lua: the metric size is a histogram here, and a gauge of other\.lua: give it another name/, 'foyer.metrics.histogram("size")');
    await check(/needs "metrics" among the capabilities of foyer\.plugin/, 'foyer.plugin { capabilities = {} } foyer.metrics.gauge("x")');
    assert.match(await well(server, 'script', 'check', file), /good/);
  },
};
