// The run: options, the data, the rounds in turn, the table. Options: see tests/bench/run --help.
import fs from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { compare } from "./compare.mjs";
import { manifold, master } from "./data.mjs";
import { table } from "./report.mjs";
import { round } from "./round.mjs";
import { run } from "./process.mjs";
import { root, servers } from "./servers.mjs";
import { MILLION, works } from "./works.mjs";

const { values: option } = parseArgs({
  options: {
    only: { type: "string" }, servers: { type: "string" }, rounds: { type: "string" }, seconds: { type: "string" },
    tries: { type: "string" },
    clients: { type: "string" }, json: { type: "string" }, data: { type: "string" }, key: { type: "string" },
    quick: { type: "boolean" }, fresh: { type: "boolean" }, compare: { type: "boolean" },
  },
});
const rounds = Number(option.rounds ?? (option.quick ? 2 : 5));
const tries = Number(option.tries ?? 4); // for each undisturbed round that is wanted
const seconds = Number(option.seconds ?? (option.quick ? 0.5 : 3));
const warmUp = option.quick ? 0.3 : 1;
const clients = Number(option.clients ?? (option.quick ? 20000 : 100000));

// Without a list all but those that are apart, which their common name stands for.
function chosen(list, all, what) {
  const apart = (name) => Object.keys(all).filter((one) => all[one].apart === name);
  const names = list ? list.split(",").flatMap((name) => (apart(name).length ? apart(name) : [name])) :
    Object.keys(all).filter((name) => !all[name].apart);

  for (const name of names) {
    if (!all[name]) throw new Error(`there is no ${what} ${name}: ${Object.keys(all).join(", ")}`);
  }
  return names;
}

// All servers of one work in turn, until each has its rounds. The order rotates, so that none is always first.
async function measure(at, workName, names) {
  const results = names.map((server) => ({ work: workName, server, rounds: [] }));
  const wanted = (one) => option.quick ? one.rounds.length < rounds :
    one.rounds.filter((r) => !r.disturbed).length < rounds && one.rounds.length < rounds * tries;

  for (let turn = 0; results.some(wanted); turn++) {
    for (let i = 0; i < results.length; i++) {
      const one = results[(i + turn) % results.length];

      if (!wanted(one)) continue;
      const result = await round(at, `${workName}-${one.server}`, servers[one.server], works[workName], { seconds, warmUp });

      one.rounds.push(result);
      progress(one, result);
    }
  }
  return results;
}

function progress(one, result) {
  const what = result.answered ? `${(result.answered / 1000).toFixed(1)} ms` :
    `${(result.requests / result.seconds).toFixed(0)}/s  CPU ${(result.server * result.seconds / result.requests * 1e6).toFixed(1)} µs`;

  console.error(`  ${one.work} ${one.server}: ${what}  foreign ${(result.foreign ?? 0).toFixed(2)}${result.disturbed ? "  disturbed, again" : ""}`);
}

const workNames = chosen(option.only, works, "work");
const serverNames = chosen(option.servers, servers, "server").filter((name) => {
  if (!servers[name].isThere()) console.error(`no ${servers[name].title}: it is not installed or built`);
  return servers[name].isThere();
});
const at = await master({ clients, fresh: option.fresh, own: option.data && { folder: option.data, key: option.key } });
const results = [];

const beside = ["bare", "fastify", "nginx"].filter((name) => serverNames.includes(name));

if (serverNames.includes("foyer")) console.log(await compare(at, beside));
if (!option.compare) {
  for (const work of workNames.filter((name) => !works[name].program)) {
    const place = works[work].like ? await manifold(at, MILLION) : at;

    results.push(...await measure(place, work, serverNames.filter((name) => servers[name].works.includes(work))));
  }
  console.log(table(results));
  for (const { title, program } of workNames.map((name) => works[name]).filter((work) => work.program)) {
    const file = path.join(root, program);

    console.log(`\n${title}`);
    console.log(fs.existsSync(file) ? run("taskset", ["-c", "0", file], { quiet: true }).replace(/^/gm, "  ").trimEnd() : `  ${program} is not built`);
  }
  if (option.json) fs.writeFileSync(option.json, JSON.stringify(results, null, 1));
}
