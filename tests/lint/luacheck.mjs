// luacheck over every Lua file, with .luacheckrc.
import path from "node:path";
import { files, run } from "./lib.mjs";

export function check(root, { planted }) {
  const scripts = files(root, ["scripts", "plugins", "tests", "examples"], [".lua"]);
  if (scripts.length === 0) return [];
  const config = path.resolve(root, planted ? "../../../../.." : ".", ".luacheckrc");
  const { code, text } = run("luacheck", ["--config", config, "--no-color", "--formatter", "plain", ...scripts], { cwd: root });
  if (code === 0) return [];
  return text.trim().split("\n");
}
