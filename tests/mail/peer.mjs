// Peer: a mail server (npm smtp-server) that does at each stage what a check asks of it.
//
//   stages     connect, auth, mail, rcpt, data (the word), end (the dot)
//   verdicts   ok, [code, text], 'drop' (closes), 'reset' (as if it had died), 'stall' (says nothing more)
//
// What it took stands in `taken`, what it heard up to the dot in `heard`; both with their bytes.
import { createRequire } from 'node:module';
import { simpleParser } from 'mailparser';

const { SMTPServer } = createRequire(import.meta.url)('smtp-server');
export const ok = [250, ''];

export class Peer {
  constructor(options = {}) {
    this.options = options;
    this.queues = {};
    this.answers = {};
    this.heard = [];
    this.taken = [];
    this.sessions = [];
    this.port = 0;
  }

  // The next ones that come to the stage get these, one each.
  next(stage, ...verdicts) { (this.queues[stage] ??= []).push(...verdicts); }

  // Whoever comes to the stage gets this: a verdict, or a function of {session, address, mail}.
  always(stage, verdict) { this.answers[stage] = verdict; }

  get url() { return `${this.options.secure ? 'smtps' : 'smtp'}://127.0.0.1:${this.port}`; }

  // On the port that it had, or a free one.
  listen() {
    const decide = (stage) => (subject, session, callback) => this.#decide(stage, { session, address: subject?.address }, callback);
    this.server = new SMTPServer({
      authOptional: true,
      disabledCommands: this.options.key ? [] : ['STARTTLS'],
      allowInsecureAuth: true,
      disableReverseLookup: true,
      logger: false,
      closeTimeout: 1,
      name: 'peer.example',
      ...this.options,
      onConnect: (session, callback) => {
        this.sessions.push(session);
        decide('connect')(null, session, callback);
      },
      onAuth: (auth, session, callback) => this.#decide('auth', { session, auth }, (error) => callback(error, { user: auth.username })),
      onMailFrom: decide('mail'),
      onRcptTo: decide('rcpt'),
      onData: (stream, session, callback) => this.#hear(stream, session, callback),
    });
    this.server.on('error', () => {}); // a connection that broke
    return new Promise((resolve) => {
      const listening = this.server.listen(this.port, '127.0.0.1', () => {
        this.port = listening.address().port;
        resolve();
      });
    });
  }

  // Cuts off whoever is connected: what comes next needs a new connection.
  hangUp() {
    for (const { _socket: socket } of this.server.connections) socket.destroy();
  }

  // Away: nobody listens any more either.
  async close() {
    if (!this.server) return;
    this.hangUp();
    await new Promise((resolve) => { this.server.close(resolve); });
    this.server = null;
  }

  takenFor(address) { return this.taken.filter(({ to }) => to === address); }
  heardFor(address) { return this.heard.filter(({ to }) => to === address); }

  #hear(stream, session, callback) {
    const chunks = [];
    const verdict = this.#verdict('data', { session });
    if (verdict !== ok) return this.#break(session, verdict);
    stream.on('data', (chunk) => chunks.push(chunk));
    stream.on('end', () => {
      const bytes = Buffer.concat(chunks);
      const mail = {
        to: session.envelope.rcptTo[0].address,
        from: session.envelope.mailFrom.address,
        id: /^message-id: *(\S+)\r$/im.exec(bytes.toString())?.[1],
        secure: session.secure,
        user: session.user,
        bytes,
        raw: bytes.toString(),
        parsed: () => simpleParser(bytes),
      };
      this.heard.push(mail);
      this.#decide('end', { session, address: mail.to, mail }, (error, text) => {
        if (!error) this.taken.push(mail);
        callback(error, text);
      });
    });
    return undefined;
  }

  #verdict(stage, what) {
    const queued = this.queues[stage]?.shift();
    if (queued) return queued;
    const answer = this.answers[stage] ?? ok;
    return typeof answer === 'function' ? answer(what) : answer;
  }

  async #decide(stage, what, callback) {
    const verdict = await this.#verdict(stage, what);
    if (typeof verdict === 'string') return this.#break(what.session, verdict);
    const [code, text] = verdict;
    if (code < 400) return callback(null, text || undefined);
    callback(Object.assign(new Error(text), { responseCode: code }));
    if (code === 421) this.#socket(what.session)?.end(); // as RFC 5321 wants it
    return undefined;
  }

  #break(session, how) {
    const socket = this.#socket(session);
    if (how === 'drop') socket?.destroy();
    else if (how === 'reset') socket?.resetAndDestroy();
  }

  #socket(session) {
    for (const connection of this.server?.connections ?? []) if (connection.id === session.id) return connection._socket;
    return undefined;
  }
}
