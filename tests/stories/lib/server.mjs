// Server: a fresh data folder and a running program, for one story.
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const program = process.env.FOYER_BIN ?? 'build/dev/foyer';
const patience = process.env.FOYER_SANITIZER ? 60_000 : 20_000;

export class Server {
  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'foyer-story-'));
    this.data = join(this.folder, 'data');
    this.clock = join(this.folder, 'clock');
    this.moved = 0n;
    writeFileSync(this.clock, Buffer.alloc(8));
    this.env = { ...process.env, FOYER_TEST: '1', FOYER_TEST_CLOCK: this.clock, FOYER_PASSWORD_COST: 'minimal' };
  }

  async init(workspace, owner, more = []) {
    const { stdout } = await this.command(['init', '--data', this.data, '--workspace', workspace,
      '--email', owner, ...more]);
    const said = Object.fromEntries(stdout.trim().split('\n').map((line) => {
      const at = line.indexOf(': ');
      return [line.slice(0, at), line.slice(at + 2)];
    }));
    this.key = said.api_key;
    return said;
  }

  // {code, stdout, stderr}; never rejects for a code.
  command(args) {
    return new Promise((resolve) => {
      execFile(program, args, { env: this.env, timeout: patience }, (error, stdout, stderr) => {
        resolve({ code: error ? (error.code ?? 1) : 0, stdout, stderr });
      });
    });
  }

  async start(flags = []) {
    this.stderr = '';
    this.process = spawn(program, ['serve', '--data', this.data, '--listen', '127.0.0.1:0', ...flags],
      { env: this.env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.process.stderr.on('data', (chunk) => { this.stderr += chunk; });
    this.base = await new Promise((resolve, reject) => {
      let out = '';
      const late = setTimeout(() => reject(new Error(`the server does not listen\n${this.stderr}`)), patience);
      this.process.stdout.on('data', (chunk) => {
        out += chunk;
        const listening = /^listening on (http:\/\/\S+)\n/.exec(out);
        if (listening) { clearTimeout(late); resolve(listening[1]); }
      });
      this.process.on('exit', (code) => {
        clearTimeout(late);
        reject(new Error(`the server ended with ${code}\n${this.stderr}`));
      });
    });
  }

  // Ends it as an operator would. A sanitizer's finding, an abort or a leak is a code that is not 0.
  async stop() {
    const { process: child } = this;
    if (!child || child.exitCode !== null) return child ? child.exitCode : 0;
    const ended = new Promise((resolve) => { child.on('exit', (code, signal) => resolve(code ?? signal)); });
    child.kill('SIGTERM');
    return ended;
  }

  async restart(flags) {
    const code = await this.stop();
    if (code !== 0) throw new Error(`the server ended with ${code}\n${this.stderr}`);
    await this.start(flags);
  }

  moveClock(seconds) {
    this.moved += BigInt(seconds) * 1_000_000n;
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(this.moved);
    const fd = openSync(this.clock, 'r+'); // in place: the server has it mapped
    writeSync(fd, bytes, 0, 8, 0);
  }

  read(name) { return readFileSync(join(this.data, name)); }

  remove() { rmSync(this.folder, { recursive: true, force: true }); }
}
