import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import type { HttpAnswer } from './answer.js';

export interface HttpTimeouts {
  /** Until the connection is established, TCP and TLS, including the wait for a free one. */
  connectMs: number;
  /** From then until the whole answer has been read. */
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

/** No complete answer came. `cause` is Node's own error, where there is one. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';

  constructor(
    readonly fault: NoAnswerFault,
    cause?: unknown,
  ) {
    super(`no answer: ${fault.cause}`, { cause });
  }
}

/** Shorter than servers keep an idle connection: one that is closed while we write would leave the outcome unknown. */
const IDLE_MS = 4_000;
/** Ten times a hundred ids or error messages. */
const MAX_ANSWER_BYTES = 256 * 1024;

/**
 * HTTP over kept connections. Follows no redirect, so that the API key goes to no other server, and repeats no request. It uses
 * Node's own client instead of `fetch`, which does not show when a connection is established: before that no byte of the
 * request has left, whatever fails; after that nobody can tell.
 */
export class HttpTransport {
  private readonly agent: HttpAgent;
  private readonly isTls: boolean;
  /** Connections that are established. Node sets `reusedSocket` only on those that were idle in between. */
  private readonly connected = new WeakSet<Socket>();
  private readonly inFlight = new Set<(why: string) => void>();
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
  exchange(request: HttpRequest): Promise<HttpAnswer> {
    if (this.isClosed) return Promise.reject(new NoAnswer({ cause: 'closed', hasLeft: false }));
    return new Promise((resolve, reject) => {
      const outgoing = this.open(request);
      let hasLeft = false;
      let cause: string | undefined;
      const giveUp = (why: string) => {
        cause ??= why;
        outgoing.destroy();
      };
      let timer = setTimeout(giveUp, this.timeouts.connectMs, 'timed_out');
      const end = () => {
        clearTimeout(timer);
        this.inFlight.delete(giveUp);
      };
      const fail = (error?: NodeJS.ErrnoException) => {
        end();
        reject(new NoAnswer({ cause: cause ?? causeOf(error, hasLeft), hasLeft }, error));
      };
      this.inFlight.add(giveUp);
      this.whenConnected(outgoing, () => {
        hasLeft = true;
        clearTimeout(timer);
        timer = setTimeout(giveUp, this.timeouts.answerMs, 'timed_out');
      });
      outgoing.on('error', fail).once('close', fail);
      outgoing.once('response', (incoming) => {
        // An answer may come before the request is sent completely. From here on errors of sending do not matter.
        outgoing
          .off('error', fail)
          .off('close', fail)
          .on('error', () => undefined);
        read(incoming).then((body) => {
          end();
          resolve({ status: incoming.statusCode ?? 0, headers: textsOf(incoming.headers), body });
        }, fail);
      });
      outgoing.end(request.body);
    });
  }

  /** Ends the requests in flight, without an answer. Nothing can be sent afterwards. */
  close(): void {
    this.isClosed = true;
    for (const giveUp of this.inFlight) giveUp('closed');
    this.agent.destroy();
  }

  private open({ method, path, headers }: HttpRequest): ClientRequest {
    const request = this.isTls ? httpsRequest : httpRequest;
    return request(this.origin + path, { method, agent: this.agent, ...(headers && { headers }) });
  }

  private whenConnected(outgoing: ClientRequest, onConnected: () => void): void {
    outgoing.once('socket', (socket) => {
      if (this.connected.has(socket)) return onConnected();
      socket.once(this.isTls ? 'secureConnect' : 'connect', () => {
        this.connected.add(socket);
        onConnected();
      });
    });
  }
}

function textsOf(headers: IncomingMessage['headers']): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

/** @throws when the answer is cut off, or longer than the limit. */
async function read(incoming: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of incoming as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > MAX_ANSWER_BYTES) throw Object.assign(new Error('too long'), { code: 'ANSWER_TOO_LONG' });
    pieces.push(piece);
  }
  if (!incoming.complete) throw new Error('cut off');
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
