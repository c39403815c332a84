// Every header compiles alone, and twice, with our warnings; include/foyer also as plain C11.
import os from "node:os";
import path from "node:path";
import fs from "node:fs";
import { files, run } from "./lib.mjs";

const PACKAGES = ["libuv", "sqlite3", "lua5.4", "jansson", "libsodium", "icu-uc", "libcurl", "libcrypto"];
const WARNINGS = ["-Wall", "-Wextra", "-Werror", "-Wshadow", "-Wstrict-prototypes", "-Wmissing-prototypes", "-Wundef"];

export function check(root) {
  const findings = [];
  const generated = fs.mkdtempSync(path.join(os.tmpdir(), "foyer-headers-"));
  fs.mkdirSync(path.join(generated, "base"));
  fs.writeFileSync(path.join(generated, "base/version.h"), '#define FOYER_VERSION ""\n');
  const packages = run("pkg-config", ["--cflags", ...PACKAGES]).out.trim().split(/\s+/);
  const ours = ["-std=gnu17", "-D_GNU_SOURCE", "-Icore", `-I${generated}`, "-I/usr/share/include/llhttp", ...packages];
  for (const file of files(root, ["core", "include"], [".h"])) {
    const isPublic = file.startsWith("include/");
    const flags = isPublic ? ["-std=c11", "-pedantic", "-Iinclude"] : ours;
    const name = file.split("/").slice(1).join("/");
    const done = run("gcc", ["-fsyntax-only", "-x", "c", ...WARNINGS, ...flags, "-"], {
      cwd: root, input: `#include "${name}"\n#include "${name}"\n`,
    });
    if (done.code !== 0) {
      const first = done.text.split("\n").find((line) => line.includes("error:")) ?? done.text.trim();
      findings.push(`${file}:1: does not compile alone: ${first}`);
    }
  }
  fs.rmSync(generated, { recursive: true });
  return findings;
}
