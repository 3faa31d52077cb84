import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { closeNow } from '../servers/close-now.js';
import { Chaos, type ChaosOptions } from './chaos.js';
import { type Fault, type FaultPoint, type FaultSubject, problemOf } from './faults.js';
import { Problem } from './problems.js';
import type { Call, ResendApi } from './resend-api.js';

/** A request that reached the server, whatever became of it. */
export interface SeenRequest {
  method: string;
  path: string;
  /** Its idempotency key. */
  key: string | null;
  /** SHA-256 of the body's bytes, as hex; null if nobody read them. */
  hash: string | null;
  /** Milliseconds since 1970, by the real clock. */
  startedAt: number;
  /** The status answered; `dropped` if the connection ended before the whole answer was out, `open` as long as there is none. */
  outcome: number | 'dropped' | 'open';
}

/** The way in: reads requests, does what rules and chaos say, writes answers. */
export class ResendHttp {
  readonly requests: SeenRequest[] = [];
  delayMs = 0;
  private sendings = 0;
  private chaos: Chaos | undefined;
  private server: Server | undefined;
  private readonly sockets = new Set<Socket>();

  constructor(private readonly api: ResendApi) {}

  get isOpen(): boolean {
    return this.server !== undefined;
  }

  async listen(port: number): Promise<void> {
    const server = createServer(
      { keepAliveTimeout: 60_000 },
      (request, response) => void this.serve(request, response),
    );
    server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.setNoDelay(true);
      socket.once('close', () => this.sockets.delete(socket));
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    this.server = server;
  }

  /** Ends all connections and refuses new ones. */
  async close(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (server) await closeNow(server, this.sockets);
  }

  setChaos(options: ChaosOptions | null): void {
    this.chaos = options ? new Chaos(options) : undefined;
  }

  clear(): void {
    this.requests.length = 0;
    this.sendings = 0;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? '';
    const path = new URL(request.url ?? '/', 'http://here').pathname;
    const key = (request.headers['idempotency-key'] as string | undefined) ?? null;
    const seen: SeenRequest = { method, path, key, hash: null, startedAt: Date.now(), outcome: 'open' };
    this.requests.push(seen);
    response.once('finish', () => {
      seen.outcome = response.statusCode;
    });
    response.once('close', () => {
      if (seen.outcome === 'open') seen.outcome = 'dropped';
    });
    request.on('error', () => undefined);
    try {
      await this.handle(request, response, seen);
    } catch (error) {
      if (error instanceof Problem) this.refuse(response, error);
      else response.destroy();
    }
  }

  private async handle(request: IncomingMessage, response: ServerResponse, seen: SeenRequest): Promise<void> {
    const { method, path } = seen;
    const isSending = method === 'POST' && /^\/emails(?:\/batch)?$/.test(path);
    if (isSending) this.sendings++;
    const subject: FaultSubject = { path, key: seen.key ?? undefined, request: this.sendings };
    const drawn = isSending ? this.chaos?.draw() : undefined;
    const meets = (at: FaultPoint, call?: Call, answer?: string) =>
      isSending && this.meet({ at, drawn, subject: { ...subject, to: call?.to }, answer }, response);
    if (await meets('arrival')) return;
    const body = await bodyOf(request);
    seen.hash = createHash('sha256').update(body).digest('hex');
    if (request.headers['user-agent'] === undefined) {
      // Said by the proxy in front of Resend, which knows nothing of its API.
      response.writeHead(403, { 'content-type': 'text/plain' }).end('error code: 1010');
      return;
    }
    const call = this.api.open({
      ...subject,
      method,
      headers: request.headers,
      body,
      hash: seen.hash,
      number: this.sendings,
    });
    if (this.delayMs > 0) await pause(this.delayMs);
    if (await meets('before', call)) return call.abandon();
    const answer = call.run();
    if (await meets('after', call, answer)) return;
    this.write(response, 200, answer);
  }

  /** @returns whether the request has met its end here. */
  private async meet({ at, drawn, subject, answer }: Meeting, response: ServerResponse): Promise<boolean> {
    const fault = this.api.rules.take(at, subject) ?? (drawn?.at === at ? drawn : undefined);
    if (fault?.delayMs) await pause(fault.delayMs);
    const instead = fault?.answer;
    if (instead === undefined) return false;
    if (instead === 'drop') at === 'arrival' ? response.socket?.resetAndDestroy() : response.destroy();
    else if (instead === 'hang') {
      // Until the client has had enough.
      if (!response.destroyed) await once(response, 'close');
    } else if (instead === 'garbage') this.write(response, 200, '<html>Bad gateway</html>');
    else if (instead === 'truncate') this.truncate(response, answer ?? '{}');
    else this.refuse(response, problemOf(instead), instead.retryAfterSeconds);
    return true;
  }

  private refuse(response: ServerResponse, problem: Problem, retryAfterSeconds?: number): void {
    // A quota that is used up says nothing of when to come back.
    const isThrottled = problem.name === 'rate_limit_exceeded' || retryAfterSeconds !== undefined;
    const seconds = retryAfterSeconds ?? this.api.limit.headers()['ratelimit-reset'];
    const headers: Record<string, string> = isThrottled ? { 'retry-after': String(seconds) } : {};
    this.write(response, problem.statusCode, JSON.stringify(problem), headers);
  }

  private truncate(response: ServerResponse, body: string): void {
    const { socket } = response;
    response.writeHead(200, this.headers(body)).write(body.slice(0, body.length / 2), () => socket?.destroy());
  }

  private write(response: ServerResponse, status: number, body: string, extra: Record<string, string> = {}): void {
    if (!response.destroyed) response.writeHead(status, { ...this.headers(body), ...extra }).end(body);
  }

  private headers(body: string): Record<string, string> {
    return {
      'content-type': 'application/json; charset=utf-8',
      'content-length': String(Buffer.byteLength(body)),
      ...this.api.limit.headers(),
    };
  }
}

interface Meeting {
  at: FaultPoint;
  /** By chaos. */
  drawn: Fault | undefined;
  subject: FaultSubject;
  /** What would be answered. */
  answer: string | undefined;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
