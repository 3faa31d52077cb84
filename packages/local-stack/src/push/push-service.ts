import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { LocalStackError } from '../local-stack.errors.js';
import { startOnFreePort } from '../ports.js';
import { Clock } from '../resend/clock.js';
import { closeNow } from '../servers/close-now.js';
import { json, write } from './answers.js';
import type { PushFaultRule } from './faults.js';
import { Inbox, type PushSettings } from './inbox.js';
import { fromBase64url, isPoint } from './p256.js';
import { type ReceivedPush, ReceivedPushes } from './received-pushes.js';
import { routesOf } from './routes.js';
import { Subscriptions } from './subscriptions.js';

export interface PushServiceOptions extends PushSettings {
  port?: number;
  /** Default `127.0.0.1`. */
  host?: string;
  /** Where subscriptions are kept; without it they end with the service. */
  dataDir?: string;
  /** How many pushes are remembered. Default 10,000. */
  mostKept?: number;
}

/** What a browser gives to a page, as `PushSubscription.toJSON()` has it: base64url without padding. */
export interface PushSubscriptionKeys {
  endpoint: string;
  keys: { p256dh: string; auth: string };
}

const ENDPOINT = /^\/push\/([\w-]+)$/;

/**
 * The push service of browsers, which decrypts what it gets, because it holds the keys of the browsers, too. It checks every push
 * as RFC 8030, 8291 and 8292 ask, and misbehaves on request. All lists have the newest first.
 */
export class PushService {
  private readonly clock = new Clock();
  private readonly subscriptions: Subscriptions;
  private readonly inbox: Inbox;
  private readonly routes = routesOf(this);
  private readonly sockets = new Set<Socket>();
  private server: Server | undefined;
  private boundPort = 0;

  private constructor(private readonly options: PushServiceOptions) {
    const { dataDir, mostKept } = options;
    if (dataDir !== undefined) mkdirSync(dataDir, { recursive: true });
    this.subscriptions = new Subscriptions(dataDir === undefined ? undefined : join(dataDir, 'subscriptions.jsonl'));
    this.inbox = new Inbox(this.subscriptions, this.clock, () => this.url, new ReceivedPushes(mostKept));
    this.set(options);
  }

  static async start(options: PushServiceOptions = {}): Promise<PushService> {
    const service = new PushService(options);
    await startOnFreePort((port) => service.listen(port), options.port);
    return service;
  }

  get port(): number {
    return this.boundPort;
  }

  /** Its origin: `http://127.0.0.1:port`. */
  get url(): string {
    return `http://${this.options.host ?? '127.0.0.1'}:${this.boundPort}`;
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.sockets.size;
  }

  /**
   * A new browser.
   * @param vapidKey its `applicationServerKey`, to which it is bound; without one, that of the first push that is taken
   */
  subscribe({ vapidKey }: { vapidKey?: string } = {}): PushSubscriptionKeys {
    if (vapidKey !== undefined && !isPoint(fromBase64url(vapidKey) ?? Buffer.alloc(0)))
      throw new LocalStackError('bad_vapid_key', 'The VAPID key is no uncompressed point of P-256 in base64url.');
    const { id, publicKey, authSecret } = this.subscriptions.create(vapidKey ?? null);
    const keys = { p256dh: publicKey.toString('base64url'), auth: authSecret.toString('base64url') };
    return { endpoint: `${this.url}/push/${id}`, keys };
  }

  /** What the browser does when its person withdraws: further pushes are answered 410. */
  unsubscribe(endpoint: string): void {
    const [, id = ''] = ENDPOINT.exec(new URL(endpoint).pathname) ?? [];
    const subscription = this.subscriptions.find(id);
    if (subscription) this.subscriptions.change(subscription, { isGone: true });
  }

  /** Every push that arrived, also those refused and those without an answer; the latest `mostKept`. */
  pushes(): ReceivedPush[] {
    return this.inbox.pushes.all();
  }

  /** What was taken for one browser. */
  to(endpoint: string): ReceivedPush[] {
    return this.pushes().filter((push) => push.isTaken && push.endpoint === endpoint);
  }

  /** What devices that come online now would get: not what is older than its TTL, or replaced by a push with the same topic. */
  shown(): ReceivedPush[] {
    return this.inbox.pushes.shown(this.clock.now());
  }

  /** Has it misbehave. Of several rules that fit at one point the oldest applies. */
  when(rule: PushFaultRule): this {
    this.inbox.rules.add(rule);
    return this;
  }

  forgetRules(): void {
    this.inbox.rules.clear();
  }

  /** Forgets pushes. Subscriptions, rules and settings stay. */
  forget(): void {
    this.inbox.pushes.clear();
  }

  /** Changes what is named and leaves the rest. */
  set({ keyMismatch, isLocalSubjectAllowed }: PushSettings): void {
    if (keyMismatch !== undefined) this.inbox.settings.keyMismatch = keyMismatch;
    if (isLocalSubjectAllowed !== undefined) this.inbox.settings.isLocalSubjectAllowed = isLocalSubjectAllowed;
  }

  /** Puts the clock by which tokens and TTLs run out forward. */
  advance(ms: number): void {
    this.clock.advance(ms);
  }

  /** Ends all connections and refuses new ones, until `resume`. */
  async pause(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (server) await closeNow(server, this.sockets);
  }

  /** Comes back on the same port. */
  async resume(): Promise<void> {
    if (!this.server) await startOnFreePort((port) => this.listen(port), this.boundPort);
  }

  close(): Promise<void> {
    return this.pause();
  }

  private async listen(port: number): Promise<void> {
    const server = createServer((request, response) => void this.serve(request, response));
    server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.setNoDelay(true);
      socket.once('close', () => this.sockets.delete(socket));
    });
    server.listen(port, this.options.host ?? '127.0.0.1');
    await once(server, 'listening');
    this.server = server;
    this.boundPort = port;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.on('error', () => undefined);
    const { pathname } = new URL(request.url ?? '/', this.url);
    const [, id] = ENDPOINT.exec(pathname) ?? [];
    const handler = this.routes[`${request.method} ${pathname}`];
    try {
      if (id !== undefined && request.method === 'POST') await this.inbox.receive(request, response, id);
      else if (id !== undefined && request.method === 'DELETE') {
        this.unsubscribe(this.url + pathname);
        response.writeHead(204).end();
      } else if (handler) await handler(request, response);
      else write(response, json(404, { message: 'There is nothing here.' }));
    } catch (error) {
      // Of a request that has ended meanwhile nobody hears.
      if (!response.headersSent) write(response, json(400, { message: (error as Error).message }));
    }
  }
}
