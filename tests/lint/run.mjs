// The runner of the lints. A lint is a file NAME.mjs beside this one that exports
// `check(root, { planted })`: a list of findings, each "path:line: what is wrong and what to do".
// It passes with none. Each folder planted/NAME/CASE is a small tree with one violation; its file
// EXPECT holds a part of the finding that must be made there, or the case fails.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, "../..");
const wanted = process.argv.slice(2);
const helpers = ["run.mjs", "lib.mjs"];
let passed = 0;
let failed = 0;

function verdict(name, problems) {
  if (problems.length === 0) {
    passed++;
    return;
  }
  failed++;
  console.log(`FAIL lint ${name}`);
  for (const problem of problems) console.log(`    ${problem}`);
}

function plantedCases(name) {
  const folder = path.join(here, "planted", name);
  return fs.existsSync(folder) ? fs.readdirSync(folder).sort() : [];
}

async function plantedProblems(lint, name, one) {
  const folder = path.join(here, "planted", name, one);
  const expected = fs.readFileSync(path.join(folder, "EXPECT"), "utf8").trim();
  const findings = await lint.check(folder, { planted: true });
  if (findings.some((finding) => finding.includes(expected))) return [];
  return [`the planted violation was not found: expected "${expected}"`, ...findings];
}

const names = fs.readdirSync(here)
  .filter((file) => file.endsWith(".mjs") && !helpers.includes(file))
  .map((file) => file.slice(0, -".mjs".length))
  .sort();
for (const name of wanted.filter((want) => !names.includes(want))) {
  verdict(name, [`there is no such lint; there are ${names.join(", ")}`]);
}
for (const name of names.filter((each) => wanted.length === 0 || wanted.includes(each))) {
  const lint = await import(path.join(here, `${name}.mjs`));
  verdict(name, await lint.check(root, { planted: false }));
  const cases = plantedCases(name);
  if (cases.length === 0) verdict(name, ["it has no planted violation: nobody knows whether it works"]);
  for (const one of cases) verdict(`${name}, planted ${one}`, await plantedProblems(lint, name, one));
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
