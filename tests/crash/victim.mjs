// Victim: a data folder, and the server on it that will be killed.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finding } from './finding.mjs';

const program = process.env.FOYER_BIN ?? new URL('../../build/dev/foyer', import.meta.url).pathname;
const patience = 60_000;

// A handler of events that counts: each client must have been counted once in the end.
const counts = `local foyer = require("foyer")
foyer.transaction("count", function(_, id)
  local path = "/v1/clients/" .. id
  local text = (foyer.api("GET", path).body.position or "") .. "x"
  assert(foyer.api("PATCH", path, { body = { position = text } }).status == 200)
end)
foyer.on("client.created", function(event) foyer.run("count", event.entityId) end)
`;

export class Victim {
  constructor(env = {}, handlers = true) {
    this.handlers = handlers;
    this.folder = mkdtempSync(join(tmpdir(), 'foyer-crash-'));
    this.data = join(this.folder, 'data');
    this.env = {
      ...process.env,
      FOYER_TEST: '1',
      FOYER_RATE_LIMIT_PER_KEY: '0',
      FOYER_LOG_LEVEL: 'warn',
      ...env,
    };
    this.safe = { ...process.env, FOYER_TEST: '1' };
  }

  // The folder itself is made by a program that writes well.
  async init() {
    const { code, stdout, stderr } = await this.command(['init', '--data', this.data, '--workspace', 'Crash',
      '--email', 'owner@example.com'], this.safe);
    if (code !== 0) throw new Error(`foyer init: ${stderr}`);
    this.key = /^api_key: (.+)$/m.exec(stdout)[1];
    if (!this.handlers) return;
    mkdirSync(join(this.data, 'scripts'), { recursive: true });
    writeFileSync(join(this.data, 'scripts', 'counts.lua'), counts);
  }

  // Whether rows contradict each other. Reads with a program that writes well, too.
  async check() {
    const { code, stdout, stderr } = await this.command(['check', '--data', this.data], this.safe);
    if (code !== 0) throw finding(`foyer check: ${stdout}${stderr}`);
  }

  command(args, env) {
    return new Promise((resolve, reject) => {
      const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
      let stdout = '';
      let stderr = '';
      child.stdout.on('data', (chunk) => { stdout += chunk; });
      child.stderr.on('data', (chunk) => { stderr += chunk; });
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, stdout, stderr }));
    });
  }

  async start() {
    this.stderr = '';
    this.process = spawn(program, ['serve', '--data', this.data, '--listen', '127.0.0.1:0'],
      { env: this.env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.ended = new Promise((resolve) => {
      this.process.on('close', (code, signal) => resolve(code ?? signal));
    });
    this.process.stderr.on('data', (chunk) => { this.stderr += chunk; });
    this.base = await new Promise((resolve, reject) => {
      let out = '';
      const late = setTimeout(() => reject(new Error(`the server does not listen\n${this.stderr}`)), patience);
      this.process.stdout.on('data', (chunk) => {
        out += chunk;
        const listening = /^listening on (http:\/\/\S+)\n/.exec(out);
        if (listening) { clearTimeout(late); resolve(listening[1]); }
      });
      this.process.on('close', (code) => {
        clearTimeout(late);
        reject(finding(`the server does not start any more (${code}): ${this.stderr.trim()}`));
      });
    });
  }

  // Gives the exit code, or the signal.
  end(signal) {
    this.process.kill(signal);
    return this.ended;
  }

  stop() {
    return this.end('SIGTERM');
  }

  // The high-water mark would notice a shortened history at once: without it the ledger must.
  forgetMark() {
    const mark = join(this.data, 'commits');
    if (existsSync(mark)) unlinkSync(mark);
  }

  async remove() {
    if (this.process && this.process.exitCode === null && this.process.signalCode === null) await this.end('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}
