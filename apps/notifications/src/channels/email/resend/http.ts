import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import type { HttpAnswer } from './answer.js';

export interface HttpTimeouts {
  /** Until TCP and TLS stand, waiting for a free connection included. */
  connectMs: number;
  /** From there until the whole answer is here. */
  answerMs: number;
}

export interface HttpRequest {
  method: string;
  path: string;
  headers?: Readonly<Record<string, string>>;
  body?: Buffer | string;
}

/** Why no complete answer came. */
export interface NoAnswerFault {
  /** A stable code, such as `unreachable` or `timed_out`. */
  cause: string;
  /** Whether a byte of the request may have left us. */
  hasLeft: boolean;
}

/** No complete answer came. `cause` is what Node said, where it said something. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';

  constructor(
    readonly fault: NoAnswerFault,
    cause?: unknown,
  ) {
    super(`no answer: ${fault.cause}`, { cause });
  }
}

/** Below what servers grant: one that closes an idle connection while we write leaves us with no answer. */
const IDLE_MS = 4_000;
/** A hundred ids or complaints are a tenth of it. */
const MAX_ANSWER_BYTES = 256 * 1024;

/**
 * One request, one answer, over connections that are kept. Follows no redirect, so the key goes nowhere else, and repeats
 * nothing by itself. Node's own client rather than `fetch`, because it shows when a connection stands: before that no byte of
 * the request has left, whatever fails; after that nobody can tell.
 */
export class HttpTransport {
  private readonly agent: HttpAgent;
  private readonly isTls: boolean;
  /** Connections that stood already. Node says `reusedSocket` only of those that have been idle in between. */
  private readonly standing = new WeakSet<Socket>();
  private readonly underWay = new Set<(why: string) => void>();
  private isClosed = false;

  /** @param origin `https://host` or `http://host:port` */
  constructor(
    private readonly origin: string,
    private readonly timeouts: HttpTimeouts,
    maxConnections: number,
  ) {
    this.isTls = origin.startsWith('https:');
    const Agent = this.isTls ? HttpsAgent : HttpAgent;
    this.agent = new Agent({ keepAlive: true, maxSockets: maxConnections, timeout: IDLE_MS });
  }

  /** @throws NoAnswer, and nothing else, whatever prevents a complete answer. */
  exchange(wanted: HttpRequest): Promise<HttpAnswer> {
    if (this.isClosed) return Promise.reject(new NoAnswer({ cause: 'closed', hasLeft: false }));
    return new Promise((resolve, reject) => {
      const outgoing = this.open(wanted);
      let hasLeft = false;
      let cause: string | undefined;
      const giveUp = (why: string) => {
        cause ??= why;
        outgoing.destroy();
      };
      let timer = setTimeout(giveUp, this.timeouts.connectMs, 'timed_out');
      const end = () => {
        clearTimeout(timer);
        this.underWay.delete(giveUp);
      };
      const fail = (error?: NodeJS.ErrnoException) => {
        end();
        reject(new NoAnswer({ cause: cause ?? causeOf(error, hasLeft), hasLeft }, error));
      };
      this.underWay.add(giveUp);
      this.whenStanding(outgoing, () => {
        hasLeft = true;
        clearTimeout(timer);
        timer = setTimeout(giveUp, this.timeouts.answerMs, 'timed_out');
      });
      outgoing.on('error', fail).once('close', fail);
      outgoing.once('response', (incoming) => {
        // An answer may come before all of the request is gone. What becomes of the rest no longer matters.
        outgoing
          .off('error', fail)
          .off('close', fail)
          .on('error', () => undefined);
        read(incoming).then((body) => {
          end();
          resolve({ status: incoming.statusCode ?? 0, headers: textsOf(incoming.headers), body });
        }, fail);
      });
      outgoing.end(wanted.body);
    });
  }

  /** Ends what is on the way, without an answer. Nothing can be asked afterwards. */
  close(): void {
    this.isClosed = true;
    for (const giveUp of this.underWay) giveUp('closed');
    this.agent.destroy();
  }

  private open({ method, path, headers }: HttpRequest): ClientRequest {
    const request = this.isTls ? httpsRequest : httpRequest;
    return request(this.origin + path, { method, agent: this.agent, ...(headers && { headers }) });
  }

  private whenStanding(outgoing: ClientRequest, onStanding: () => void): void {
    outgoing.once('socket', (socket) => {
      if (this.standing.has(socket)) return onStanding();
      socket.once(this.isTls ? 'secureConnect' : 'connect', () => {
        this.standing.add(socket);
        onStanding();
      });
    });
  }
}

function textsOf(headers: IncomingMessage['headers']): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

/** @throws when the answer breaks off or has no end. */
async function read(incoming: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of incoming as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > MAX_ANSWER_BYTES) throw Object.assign(new Error('too long'), { code: 'ANSWER_TOO_LONG' });
    pieces.push(piece);
  }
  if (!incoming.complete) throw new Error('broken off');
  return Buffer.concat(pieces).toString();
}

function causeOf(error: NodeJS.ErrnoException | undefined, hasLeft: boolean): string {
  const code = error?.code ?? '';
  if (code === 'ANSWER_TOO_LONG') return 'unreadable_answer';
  if (hasLeft) return 'connection_lost';
  if (/CERT|SSL|TLS|VERIFY|SIGNED|EPROTO/.test(code)) return 'tls_failed';
  if (/^E(?:CONNREFUSED|HOSTUNREACH|NETUNREACH|TIMEDOUT|ADDRNOTAVAIL|NOTFOUND|AI_\w+)$/.test(code))
    return 'unreachable';
  return 'connection_lost';
}
