// Every header compiles alone, and twice, with our warnings; include/foyer as plain C11, and as C++11.
import os from "node:os";
import path from "node:path";
import fs from "node:fs";
import { files, run } from "./lib.mjs";

const PACKAGES = ["libuv", "sqlite3", "lua5.4", "jansson", "libsodium", "icu-uc", "libcurl", "libcrypto"];
const WARNINGS = ["-Wall", "-Wextra", "-Werror", "-Wshadow", "-Wundef"];
const OF_C = ["-Wstrict-prototypes", "-Wmissing-prototypes"];
const PUBLIC = ["-pedantic", "-Iinclude"];

export function check(root) {
  const findings = [];
  const generated = fs.mkdtempSync(path.join(os.tmpdir(), "foyer-headers-"));
  fs.mkdirSync(path.join(generated, "base"));
  fs.writeFileSync(path.join(generated, "base/version.h"), '#define FOYER_VERSION ""\n');
  const packages = run("pkg-config", ["--cflags", ...PACKAGES]).out.trim().split(/\s+/);
  const ours = ["-std=gnu17", "-D_GNU_SOURCE", "-Icore", "-Iinclude", `-I${generated}`, "-I/usr/share/include/llhttp", ...packages];
  for (const file of files(root, ["core", "include"], [".h"])) {
    const name = file.split("/").slice(1).join("/");
    const ways = file.startsWith("include/")
      ? [["gcc", "-x", "c", ...WARNINGS, ...OF_C, ...PUBLIC, "-std=c11"], ["g++", "-x", "c++", ...WARNINGS, ...PUBLIC, "-std=c++11"]]
      : [["gcc", "-x", "c", ...WARNINGS, ...OF_C, ...ours]];
    for (const [compiler, ...flags] of ways) {
      const done = run(compiler, ["-fsyntax-only", ...flags, "-"], {
        cwd: root, input: `#include "${name}"\n#include "${name}"\n`,
      });
      if (done.code === 0) continue;
      const first = done.text.split("\n").find((line) => line.includes("error:")) ?? done.text.trim();
      findings.push(`${file}:1: does not compile alone${compiler === "g++" ? " as C++" : ""}: ${first}`);
    }
  }
  fs.rmSync(generated, { recursive: true });
  return findings;
}
