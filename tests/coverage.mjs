// Adds up what gcov counted in a build: node tests/coverage.mjs BUILD. A line ran if it ran anywhere.
import fs from "node:fs";
import path from "node:path";
import { spawnSync } from "node:child_process";

const build = path.resolve(process.argv[2]);
const root = process.cwd();
const files = new Map();

function* notes(folder) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const at = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* notes(at);
    else if (entry.name.endsWith(".gcno") && at.includes("foyer_")) yield at;
  }
}

for (const note of notes(build)) {
  const done = spawnSync("gcov", ["--json-format", "--stdout", note], { encoding: "utf8", maxBuffer: 1 << 28 });
  for (const text of done.stdout.split("\n").filter((line) => line.startsWith("{"))) {
    for (const { file, lines } of JSON.parse(text).files) {
      const name = path.relative(root, path.resolve(root, file));
      if (!name.startsWith("core/")) continue;
      const seen = files.get(name) ?? new Map();
      for (const { line_number: line, count } of lines) seen.set(line, (seen.get(line) ?? 0) + count);
      files.set(name, seen);
    }
  }
}

const folders = new Map();
const row = (name, [ran, all]) => console.log(`${name.padEnd(36)} ${((100 * ran) / all).toFixed(1).padStart(6)} %  ${ran} of ${all}`);
for (const [name, seen] of [...files].sort()) {
  const count = [[...seen.values()].filter((times) => times > 0).length, seen.size];
  row(name, count);
  for (const folder of [path.dirname(name), "core, all of it"]) {
    const sum = folders.get(folder) ?? [0, 0];
    folders.set(folder, [sum[0] + count[0], sum[1] + count[1]]);
  }
}
console.log();
for (const [name, count] of [...folders].sort()) row(name, count);
