import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { startOnFreePort } from '../ports.js';
import type { Certificate } from './self-signed.js';

/** A mail that the sink has taken over: it answered 250 to the final dot, or was told to keep the answer to itself. */
export interface SinkMail {
  from: string;
  to: string[];
  /** As the client wrote it, dots unstuffed. */
  raw: Buffer;
  /** It came after STARTTLS. */
  isEncrypted: boolean;
}

type SinkStep = 'greeting' | 'ehlo' | 'mail' | 'rcpt' | 'data' | 'body' | 'dot';

export interface SinkRule {
  /** `data` is the command, `body` the first bytes of the message, `dot` its end. */
  at: SinkStep;
  /** A line to answer instead of the usual one (`421` closes afterwards); to cut the line; or to say nothing at all. */
  answer?: string | 'drop' | 'silence';
  /** Think before answering. */
  delayMs?: number;
  /** Only mails to this recipient. */
  to?: string;
  /** Only the n-th mail (each MAIL command counts, from 1). */
  mail?: number;
  /** How often the rule applies; then it is forgotten. Default: always. */
  times?: number;
}

/**
 * A real SMTP server on loopback that keeps what it gets, and misbehaves on demand. With `answer: 'drop'` or `'silence'`
 * at the dot it keeps the mail, like a server that took the mail and lost the answer.
 */
export class SmtpSink {
  readonly mails: SinkMail[] = [];
  /** MAIL commands seen; final dots seen, whatever was answered; connections ever opened. */
  readonly seen = { mails: 0, dots: 0, connections: 0 };
  /** What clients called themselves in EHLO. */
  readonly clients: string[] = [];
  readonly sockets = new Set<Socket>();
  private readonly rules: SinkRule[] = [];

  private constructor(
    private server: Server,
    readonly port: number,
    readonly extensions: readonly string[],
    readonly certificate: Certificate | undefined,
  ) {}

  /**
   * @param extensions what EHLO offers beside the name; default PIPELINING and 8BITMIME.
   * @param certificate with one STARTTLS is offered, too
   */
  static async start(
    extensions: readonly string[] = ['PIPELINING', '8BITMIME'],
    certificate?: Certificate,
  ): Promise<SmtpSink> {
    const { started: server, port } = await startOnFreePort(listen);
    const sink = new SmtpSink(server, port, extensions, certificate);
    sink.serve();
    return sink;
  }

  get url(): string {
    return `smtp://127.0.0.1:${this.port}`;
  }

  when(rule: SinkRule): this {
    this.rules.push({ ...rule });
    return this;
  }

  forgetRules(): void {
    this.rules.length = 0;
  }

  to(address: string): SinkMail[] {
    return this.mails.filter((mail) => mail.to.includes(address));
  }

  /** Ends all connections and refuses new ones, until {@link acceptConnections}. */
  async refuseConnections(): Promise<void> {
    this.dropConnections();
    if (!this.server.listening) return;
    this.server.close();
    await once(this.server, 'close');
  }

  async acceptConnections(): Promise<void> {
    this.server = (await startOnFreePort(listen, this.port)).started;
    this.serve();
  }

  dropConnections(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  close(): Promise<void> {
    return this.refuseConnections();
  }

  /** The first rule that fits, used up by one. For the session below. */
  take(at: SinkStep, to: readonly string[], mail: number): SinkRule | undefined {
    const index = this.rules.findIndex(
      (rule) => rule.at === at && (!rule.to || to.includes(rule.to)) && (!rule.mail || rule.mail === mail),
    );
    const rule = this.rules[index];
    if (rule?.times !== undefined && --rule.times <= 0) this.rules.splice(index, 1);
    return rule;
  }

  private serve(): void {
    this.server.on('connection', (socket) => {
      this.seen.connections++;
      this.sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', () => this.sockets.delete(socket));
      new Session(this, socket).begin();
    });
  }
}

const END = Buffer.from('\r\n.\r\n');

class Session {
  private buffer = Buffer.alloc(0);
  private body: Buffer[] | undefined;
  private mail: SinkMail = { from: '', to: [], raw: Buffer.alloc(0), isEncrypted: false };
  private number = 0;
  private isBodyAnnounced = false;
  private work: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly sink: SmtpSink,
    private socket: Socket,
  ) {}

  begin(): void {
    this.work = this.answer('greeting', '220 sink ESMTP');
    this.listen();
  }

  private listen(): void {
    this.socket.on('data', (chunk) => {
      // One after the other, in the order of arrival, whatever a rule makes us wait for.
      this.work = this.work.then(() => this.read(chunk)).catch(() => this.socket.destroy());
    });
  }

  private async read(chunk: Buffer): Promise<void> {
    this.buffer = Buffer.concat([this.buffer, chunk]);
    while (!this.socket.destroyed) {
      if (this.body) {
        if (!(await this.readBody())) return;
        continue;
      }
      const end = this.buffer.indexOf('\r\n');
      if (end < 0) return;
      const line = this.buffer.toString('utf8', 0, end);
      this.buffer = this.buffer.subarray(end + 2);
      await this.command(line);
    }
  }

  private async command(line: string): Promise<unknown> {
    const [verb = ''] = line.toUpperCase().split(/[ :]/, 1);
    const path = /<(.*)>/.exec(line)?.[1] ?? '';
    switch (verb) {
      case 'EHLO':
        this.sink.clients.push(line.slice(5));
        return this.answer('ehlo', ['sink', ...this.extensions()].map(ehloLine).join('\r\n'));
      case 'STARTTLS':
        if (!this.extensions().includes('STARTTLS')) return this.write('502 5.5.1 unknown command');
        return this.encrypt();
      case 'MAIL':
        this.number = ++this.sink.seen.mails;
        this.mail = { from: path, to: [], raw: Buffer.alloc(0), isEncrypted: this.socket instanceof TLSSocket };
        return this.answer('mail', '250 2.1.0 sender ok');
      case 'RCPT':
        if (await this.answer('rcpt', '250 2.1.5 recipient ok', path)) this.mail.to.push(path);
        return;
      case 'DATA':
        if (this.mail.to.length === 0) return this.write('503 5.5.1 no recipient');
        if (await this.answer('data', '354 go ahead')) this.body = [];
        this.isBodyAnnounced = false;
        return;
      case 'QUIT':
        this.socket.end('221 2.0.0 bye\r\n');
        return;
      default:
        return this.write(verb === 'RSET' || verb === 'NOOP' ? '250 2.0.0 ok' : '502 5.5.1 unknown command');
    }
  }

  private extensions(): string[] {
    const { extensions, certificate } = this.sink;
    return [...extensions, ...(certificate && !(this.socket instanceof TLSSocket) ? ['STARTTLS'] : [])];
  }

  private encrypt(): void {
    this.write('220 2.0.0 go ahead');
    this.socket.removeAllListeners('data');
    this.buffer = Buffer.alloc(0);
    this.socket = new TLSSocket(this.socket, { isServer: true, ...this.sink.certificate });
    this.socket.on('error', () => {});
    this.listen();
  }

  /** @returns false when more bytes are needed. */
  private async readBody(): Promise<boolean> {
    if (this.buffer.length === 0) return false;
    if (!this.isBodyAnnounced) {
      this.isBodyAnnounced = true;
      await this.answer('body', undefined);
    }
    const end = this.buffer.indexOf(END);
    if (end < 0) return false;
    this.mail.raw = unstuff(this.buffer.subarray(0, end + 2));
    this.buffer = this.buffer.subarray(end + END.length);
    this.body = undefined;
    this.sink.seen.dots++;
    const { mail, number } = this;
    const keep = () => this.sink.mails.push(mail);
    await this.answer('dot', `250 2.0.0 queued as ${number}`, undefined, keep);
    return true;
  }

  /** Answers as the rules say, else as usual. @returns whether the client was told to go on. */
  private async answer(at: SinkStep, usual: string | undefined, to?: string, keep?: () => void): Promise<boolean> {
    const rule = this.sink.take(at, to === undefined ? this.mail.to : [to], this.number);
    if (rule?.delayMs) await new Promise((resolve) => setTimeout(resolve, rule.delayMs));
    const answer = rule?.answer ?? usual;
    if (answer === undefined || answer === 'silence' || answer === 'drop' || /^[23]/.test(answer)) keep?.();
    if (answer === 'drop') this.socket.destroy();
    // Nothing more will ever come from here, though the connection stays open.
    else if (answer === 'silence') await new Promise((resolve) => this.socket.once('close', resolve));
    else if (answer !== undefined) this.write(answer);
    if (answer?.startsWith('421')) this.socket.end();
    return answer !== undefined && /^[23]/.test(answer);
  }

  private write(line: string): void {
    if (!this.socket.destroyed) this.socket.write(`${line}\r\n`);
  }
}

/** All header lines of a raw mail, unfolded, in their order: `[name, value]`. */
export function headersOf(raw: Buffer): [string, string][] {
  const head = raw.toString('utf8', 0, raw.indexOf('\r\n\r\n'));
  return head
    .replace(/\r\n(?=[ \t])/g, '')
    .split('\r\n')
    .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]);
}

export function headerOf(raw: Buffer, name: string): string | undefined {
  return headersOf(raw).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
}

function ehloLine(text: string, index: number, all: string[]): string {
  return `250${index === all.length - 1 ? ' ' : '-'}${text}`;
}

function unstuff(body: Buffer): Buffer {
  return Buffer.from(body.toString('latin1').replace(/^\.\./gm, '.'), 'latin1');
}

async function listen(port: number): Promise<Server> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
