import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { LookupFunction, Socket } from 'node:net';

export interface HttpTimeouts {
  /** Until the connection is established, TCP and TLS, including the wait for a free one. */
  connectMs: number;
  /** From then until the whole answer has been read. */
  answerMs: number;
}

export interface HttpOptions {
  readonly timeouts: HttpTimeouts;
  /** To one origin; to all of them four times as many. */
  readonly maxConnections: number;
  /** Of an answer's body; a longer one counts as no answer, unless it is `cut` there. */
  readonly maxAnswerBytes: number;
  readonly cutsAnswers?: boolean;
  /** Resolves names, and may refuse their addresses. Default: Node's own. */
  readonly lookup?: LookupFunction;
}

export interface HttpRequest {
  url: string;
  method: string;
  headers?: Readonly<Record<string, string>>;
  body?: Buffer | string;
}

/** A complete answer over HTTP, whoever gave it. */
export interface HttpAnswer {
  status: number;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: string;
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
/** Of several origins together, so many times the connections of one. */
const ORIGINS_AT_ONCE = 4;
const MAX_RETRY_AFTER_MS = 86_400_000;

/**
 * HTTP over kept connections. Follows no redirect, so that a secret goes to no other server, and repeats no request. It uses
 * Node's own client instead of `fetch`, which does not show when a connection is established: before that no byte of the
 * request has left, whatever fails; after that nobody can tell.
 */
export class HttpTransport {
  private readonly plainAgent: HttpAgent;
  private readonly tlsAgent: HttpsAgent;
  /** Connections that are established. Node sets `reusedSocket` only on those that were idle in between. */
  private readonly connected = new WeakSet<Socket>();
  private readonly inFlight = new Set<(why: string) => void>();
  private isClosed = false;

  constructor(private readonly options: HttpOptions) {
    const { maxConnections: maxSockets } = options;
    const agent = { keepAlive: true, maxSockets, maxTotalSockets: maxSockets * ORIGINS_AT_ONCE, timeout: IDLE_MS };
    this.plainAgent = new HttpAgent(agent);
    this.tlsAgent = new HttpsAgent(agent);
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
      let timer = setTimeout(giveUp, this.options.timeouts.connectMs, 'timed_out');
      const end = () => {
        clearTimeout(timer);
        this.inFlight.delete(giveUp);
      };
      const fail = (error?: NodeJS.ErrnoException) => {
        end();
        reject(new NoAnswer({ cause: cause ?? causeOf(error, hasLeft), hasLeft }, error));
      };
      this.inFlight.add(giveUp);
      this.whenConnected(outgoing, request.url, () => {
        hasLeft = true;
        clearTimeout(timer);
        timer = setTimeout(giveUp, this.options.timeouts.answerMs, 'timed_out');
      });
      outgoing.on('error', fail).once('close', fail);
      outgoing.once('response', (incoming) => {
        // An answer may come before the request is sent completely. From here on errors of sending do not matter.
        outgoing
          .off('error', fail)
          .off('close', fail)
          .on('error', () => undefined);
        read(incoming, this.options).then((body) => {
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
    this.plainAgent.destroy();
    this.tlsAgent.destroy();
  }

  private open({ url, method, headers }: HttpRequest): ClientRequest {
    const { lookup } = this.options;
    const options = { method, ...(lookup && { lookup }), ...(headers && { headers }) };
    return isTls(url)
      ? httpsRequest(url, { ...options, agent: this.tlsAgent })
      : httpRequest(url, { ...options, agent: this.plainAgent });
  }

  private whenConnected(outgoing: ClientRequest, url: string, onConnected: () => void): void {
    outgoing.once('socket', (socket) => {
      if (this.connected.has(socket)) return onConnected();
      socket.once(isTls(url) ? 'secureConnect' : 'connect', () => {
        this.connected.add(socket);
        onConnected();
      });
    });
  }
}

/** `Retry-After` in seconds or as a date (RFC 9110 §10.2.3), in milliseconds; at most a day. */
export function parseRetryAfter(value: string | undefined, now: Date): number | undefined {
  if (value === undefined) return undefined;
  const waitMs = /^\d{1,9}$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - now.getTime();
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(waitMs, 0), MAX_RETRY_AFTER_MS);
}

function isTls(url: string): boolean {
  return url.startsWith('https:');
}

function textsOf(headers: IncomingMessage['headers']): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

/** @throws when the connection ends before the answer does, or the answer is longer than the limit and is not to be cut. */
async function read(incoming: IncomingMessage, { maxAnswerBytes, cutsAnswers = false }: HttpOptions): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  // Leaving the loop early destroys the connection.
  for await (const piece of incoming as AsyncIterable<Buffer>) {
    bytes += piece.length;
    pieces.push(piece);
    if (bytes <= maxAnswerBytes) continue;
    if (!cutsAnswers) throw Object.assign(new Error('too long'), { code: 'ANSWER_TOO_LONG' });
    return Buffer.concat(pieces).subarray(0, maxAnswerBytes).toString();
  }
  if (!incoming.complete) throw new Error('cut off');
  return Buffer.concat(pieces).toString();
}

function causeOf(error: NodeJS.ErrnoException | undefined, hasLeft: boolean): string {
  const code = error?.code ?? '';
  if (code === 'ANSWER_TOO_LONG') return 'unreadable_answer';
  if (code === 'ADDRESS_REFUSED') return 'address_refused';
  if (hasLeft) return 'connection_lost';
  if (/CERT|SSL|TLS|VERIFY|SIGNED|EPROTO/.test(code)) return 'tls_failed';
  if (/^E(?:CONNREFUSED|HOSTUNREACH|NETUNREACH|TIMEDOUT|ADDRNOTAVAIL|NOTFOUND|AI_\w+)$/.test(code))
    return 'unreachable';
  return 'connection_lost';
}
