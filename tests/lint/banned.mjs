// Functions that have a better one here, and notes of unfinished work.
import { bareC, files, read } from "./lib.mjs";

const EVERYWHERE = new Map(Object.entries({
  strcpy: "buf_put or str_copy",
  strncpy: "buf_put or str_copy",
  strcat: "buf_put or str_concat",
  strncat: "buf_put or str_concat",
  sprintf: "snprintf or buf_printf",
  vsprintf: "vsnprintf or buf_vprintf",
  strtok: "str_cut",
  gets: "fgets",
  atoi: "str_to_int",
  atol: "str_to_int",
  atoll: "str_to_int",
  atof: "strtod",
  alloca: "an arena",
  system: "posix_spawn",
  popen: "posix_spawn",
  rand: "tx_random or crypto_random",
  srand: "tx_random or crypto_random",
  tmpnam: "mkstemp",
  mktemp: "mkstemp",
}));
const OUTSIDE_TESTS = new Map(Object.entries({ fork: "posix_spawn", vfork: "posix_spawn" }));
const OUTSIDE_BASE = new Map(Object.entries({
  malloc: "an arena or xmalloc",
  calloc: "an arena or xcalloc",
  realloc: "an arena or xrealloc",
  strdup: "str_copy or xstrdup",
  strndup: "str_copy",
  asprintf: "str_printf",
  vasprintf: "str_printf",
}));
const CALL = /(?<![\w.])(?<!->)([a-z]\w*)\s*\(/g;
const UNFINISHED = /\b(TODO|FIXME|XXX|HACK)\b/;

export function check(root) {
  const findings = [];
  for (const file of files(root, ["core", "include", "plugins", "tests", "examples"], [".c", ".h"])) {
    const bans = bansFor(file);
    bareC(read(root, file)).split("\n").forEach((line, index) => {
      for (const [, name] of line.matchAll(CALL)) {
        const better = bans.get(name);
        if (better) findings.push(`${file}:${index + 1}: ${name} is banned: use ${better}`);
      }
    });
  }
  for (const file of files(root, ["core", "include", "plugins", "scripts", "examples"], [".c", ".h", ".lua", ".sql", ".cmake"])) {
    read(root, file).split("\n").forEach((line, index) => {
      const match = UNFINISHED.exec(line);
      if (match) findings.push(`${file}:${index + 1}: ${match[1]}: finish it, or write an issue`);
    });
  }
  return findings;
}

function bansFor(file) {
  const inTests = file.startsWith("tests/");
  const inBase = file.startsWith("core/base/");
  const freeOfCore = file.startsWith("plugins/") || file.startsWith("examples/");
  return new Map([
    ...EVERYWHERE,
    ...(inTests ? [] : OUTSIDE_TESTS),
    ...(inTests || inBase || freeOfCore ? [] : OUTSIDE_BASE),
  ]);
}
