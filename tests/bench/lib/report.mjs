// The table: medians of undisturbed rounds, and ratios to the bare server.
import { works, peers } from "./works.mjs";
import { servers } from "./servers.mjs";

// results: [{work, server, rounds: [...]}]. Rounds that others disturbed count only where there are no other.
export function table(results) {
  const lines = [];

  for (const name of Object.keys(works)) {
    const of = results.filter((one) => one.work === name && one.rounds.length > 0);

    if (of.length === 0) continue;
    lines.push("", ...(works[name].starts ? startRows(of, works[name]) : workRows(of, works[name])));
  }
  return [...lines, "", ...verdicts(results)].join("\n");
}

const COLUMNS = [["server", -26], ["CPU µs", 9], ["of bare", 8], ["req/s", 9], ["of bare", 8], ["p50 ms", 8], ["p99 ms", 8],
  ["load", 6], ["kernel", 7], ["foreign", 8], ["steal", 6], ["/fsync", 7], ["KiB each", 9], ["rounds", 7]];
const START_COLUMNS = [["server", -26], ["listens ms", 11], ["answers ms", 11], ["of bare", 8], ["RSS MiB", 9],
  ["private MiB", 12], ["threads", 8], ["rounds", 7]];

function workRows(of, work) {
  const bare = figures(of.find((one) => one.server === "bare"));

  return [heading(work.title), row(COLUMNS, COLUMNS.map(([title]) => title)), ...of.map((one) => {
    const now = figures(one);

    return row(COLUMNS, [servers[one.server].title, number(now.cpu, 1), ratio(bare?.cpu, now.cpu), number(now.rate, 0),
      ratio(now.rate, bare?.rate), servers[one.server].raw ? "" : number(now.p50 / 1000, 2),
      servers[one.server].raw ? "" : number(now.p99 / 1000, 2), number(now.load, 2), number(now.kernel, 2),
      number(now.foreign, 2), number(now.steal, 2), now.perSync ? number(now.perSync, 1) : "",
      work.idle ? number(now.idleKib / work.idle, 2) : "", now.rounds]);
  })];
}

function startRows(of, work) {
  const bare = figures(of.find((one) => one.server === "bare"));

  return [heading(work.title), row(START_COLUMNS, START_COLUMNS.map(([title]) => title)), ...of.map((one) => {
    const now = figures(one);

    return row(START_COLUMNS, [servers[one.server].title, number(now.listening / 1000, 1), number(now.answered / 1000, 1),
      ratio(bare?.answered, now.answered), number(now.rss / 1024, 1), number(now.private / 1024, 1), now.threads, now.rounds]);
  })];
}

// What 6-quality asks for beside what was measured. Nothing is asserted: a machine is not a test.
function verdicts(results) {
  const find = (work, server) => figures(results.find((one) => one.work === work && one.server === server));
  const lines = [heading("asked for, and measured (Foyer's rate; CPU where it is bound by it)")];

  for (const [name, work] of Object.entries(works)) {
    const foyer = find(name, "foyer"), bare = find(name, "bare");

    if (!foyer || !bare) continue;
    if (work.starts) {
      lines.push(asked(`${name}: 1/4 of bare's quickness`, work.goal, bare.answered / foyer.answered),
        asked(`${name}: idle memory at most 16 MiB`, 1, 16 * 1024 / foyer.rss));
    } else {
      lines.push(asked(`${name}: rate of bare`, work.goal, foyer.rate / bare.rate),
        asked(`${name}: CPU of bare`, work.goal, bare.cpu / foyer.cpu));
    }
    if (name === "read") lines.push(asked("read: p99 at most 3 times p50", 1, 3 * foyer.p50 / foyer.p99));
  }
  for (const [work, peer, goal] of peers) {
    const foyer = find(work, "foyer"), other = find(work, peer);

    if (foyer && other) lines.push(asked(`${work}: rate of ${peer}`, goal, foyer.rate / other.rate));
  }
  const read = find("read", "foyer"), many = find("connections", "foyer");

  if (read && many) lines.push(asked("connections: rate of read at 64", 0.85, many.rate / read.rate));
  for (const [name, { like, idle }] of Object.entries(works)) {
    const base = find(like ?? "read", "foyer"), now = find(name, "foyer");

    if ((like || idle) && base && now) lines.push(asked(`${name}: CPU of ${like ?? "read"}`, 0.85, base.cpu / now.cpu));
  }
  return lines.length > 1 ? lines : [];
}

function asked(what, goal, measured) {
  return `  ${what.padEnd(44)} ${number(goal, 2).padStart(6)} ${number(measured, 2).padStart(8)}  ${measured >= goal ? "reached" : "NOT REACHED"}`;
}

// Medians of one server at one work.
export function figures(one) {
  if (!one || one.rounds.length === 0) return null;
  const good = one.rounds.filter((round) => !round.disturbed);
  const rounds = good.length > 0 ? good : one.rounds;
  const of = (value) => median(rounds.map(value));

  return {
    cpu: of((r) => r.server * r.seconds / r.requests * 1e6), rate: of((r) => r.requests / r.seconds),
    p50: of((r) => r.p50), p99: of((r) => r.p99), load: of((r) => r.load), kernel: of((r) => r.kernel),
    foreign: of((r) => r.foreign), steal: of((r) => r.steal), perSync: of((r) => r.perSync ?? 0),
    idleKib: of((r) => r.idleKib ?? 0),
    listening: of((r) => r.listening), answered: of((r) => r.answered), rss: of((r) => r.rss),
    private: of((r) => r.private), threads: of((r) => r.threads),
    rounds: `${good.length}/${one.rounds.length}${good.length === 0 ? "!" : ""}`,
  };
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);

  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

const heading = (title) => title.toUpperCase();
const number = (value, digits) => value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
const ratio = (a, b) => (a && b ? number(a / b, 2) : "");

function row(columns, cells) {
  return "  " + columns.map(([, width], i) => (width < 0 ? String(cells[i]).padEnd(-width) : String(cells[i]).padStart(width))).join("");
}
