// The release program exports nothing (native plugins get a table of functions and link against
// nothing), and is hardened: position-independent, read-only relocations bound at start, no
// executable stack, stack protectors, checked library calls.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { run } from "./lib.mjs";

const HARDENED = [
  { tool: ["readelf", "-hW"], pattern: /Type:\s+DYN/, what: "is not position-independent" },
  { tool: ["readelf", "-dW"], pattern: /BIND_NOW|FLAGS_1.*NOW/, what: "binds symbols lazily" },
  { tool: ["readelf", "-lW"], pattern: /GNU_RELRO/, what: "has no read-only relocations" },
  { tool: ["readelf", "-lW"], pattern: /GNU_STACK(\s+0x\w+){5}\s+RW\s/, what: "has an executable stack" },
  { tool: ["readelf", "-sW", "--dyn-syms"], pattern: /__stack_chk_fail/, what: "has no stack protectors" },
  { tool: ["readelf", "-sW", "--dyn-syms"], pattern: /__\w+_chk\b(?<!__stack_chk)/, what: "has unchecked library calls" },
];

export function check(root, { planted }) {
  if (!planted && process.env.FOYER_RELEASE === "none") return [];
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "foyer-exports-"));
  try {
    const program = planted ? compilePlanted(root, folder) : releaseProgram(root);
    return [...exported(program), ...notHardened(program)];
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

function exported(program) {
  return run("nm", ["-D", "--defined-only", program]).out.split("\n")
    .filter((line) => line.trim())
    .map((line) => line.trim().split(/\s+/).pop())
    // Copies of variables of shared libraries carry the version of their owner.
    .filter((name) => !name.includes("@"))
    .map((name) => `${path.basename(program)}:1: exports ${name}: make it static or leave it hidden`);
}

function notHardened(program) {
  return HARDENED.filter(({ tool: [name, ...args], pattern }) => !pattern.test(run(name, [...args, program]).out))
    .map(({ what }) => `${path.basename(program)}:1: ${what}: see the flags of the preset release`);
}

function releaseProgram(root) {
  const program = process.env.FOYER_RELEASE ?? path.join(root, "build/release/foyer");
  if (!process.env.FOYER_RELEASE) {
    for (const args of [["--preset", "release"], ["--build", "--preset", "release"]]) {
      const done = run("cmake", args, { cwd: root });
      if (done.code !== 0) throw new Error(`the preset release does not build:\n${done.text}`);
    }
  }
  return program;
}

function compilePlanted(root, folder) {
  const program = path.join(folder, "planted");
  const flags = fs.readFileSync(path.join(root, "FLAGS"), "utf8").trim().split(/\s+/);
  const done = run("gcc", [...flags, "-o", program, path.join(root, "main.c")]);
  if (done.code !== 0) throw new Error(done.text);
  return program;
}
