// Processes: those that run to their end, and servers that say where they listen.
import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";

const START_MS = 20000, END_MS = 20000;

// Gives stdout; throws with stderr where the program failed. quiet: its stderr is nobody's.
export function run(program, args, { env, quiet } = {}) {
  const done = spawnSync(program, args.map(String), {
    encoding: "utf8", env: { ...process.env, ...env }, maxBuffer: 1 << 28,
  });

  if (done.error) throw done.error;
  if (done.status !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${done.status ?? done.signal}:\n${done.stderr}`);
  if (!quiet && done.stderr.trim()) console.error(done.stderr.trim());
  return done.stdout;
}

// A server on its cores. log: where its stderr goes (the access log too).
export function serve(command, { cores = "0", env, log }) {
  const fd = fs.openSync(log, "w");
  const child = spawn("taskset", ["-c", cores, ...command], {
    stdio: ["ignore", "pipe", fd], env: { ...process.env, ...env },
  });
  let said = "";

  fs.closeSync(fd);
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => fail("said nothing in time"), START_MS);
    const fail = (why) => {
      clearTimeout(late);
      child.kill("SIGKILL");
      reject(new Error(`${command.join(" ")} ${why}:\n${said}${fs.readFileSync(log, "utf8").slice(-2000)}`));
    };

    child.on("exit", (code) => fail(`ended with ${code}`));
    child.on("error", (error) => fail(error.message));
    child.stdout.on("data", (bytes) => {
      const port = /listening on http:\/\/\S+:(\d+)\n/.exec((said += bytes))?.[1];

      if (!port) return;
      clearTimeout(late);
      child.removeAllListeners("exit");
      resolve({ child, pid: child.pid, port: Number(port), log });
    });
  });
}

export function stop(server) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => server.child.kill("SIGKILL"), END_MS);

    server.child.on("exit", (code, signal) => {
      clearTimeout(late);
      if (code === 0) resolve();
      else reject(new Error(`the server ended with ${code ?? signal}:\n${fs.readFileSync(server.log, "utf8").slice(-2000)}`));
    });
    if (server.child.exitCode !== null) resolve();
    else server.child.kill("SIGTERM");
  });
}
