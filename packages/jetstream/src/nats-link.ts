import { backoffMs, pause } from '@bellhop/waiting';
import { errors, type NatsConnection, type Status } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { parseNatsUrl } from './nats-url.js';
import { FLOOR_TEXT, isBelowFloor } from './server-version.js';

const RETRY = { firstMs: 250, maxMs: 5_000 };
const HANDSHAKE_MS = 5_000;
const PING_INTERVAL_MS = 15_000;

export interface NatsLinkOptions {
  /** `nats://user:password@host:port`, several comma separated. */
  url: string;
  /** Shown in the server's connection list, and the default of the inbox prefix. */
  name: string;
  /** One line per change of state. Level `error`: only a person can fix it. `error`: what was thrown, if anything was. */
  log: (line: string, level: 'info' | 'warn' | 'error', error?: unknown) => void;
  /** Prefix of reply subjects: the user's rights name it. Default `_INBOX_<name>`. */
  inboxPrefix?: string;
  /** A connection without a pong to two pings in a row is replaced. Default 15,000. */
  pingIntervalMs?: number;
}

/** Callbacks on changes of a link. */
export interface LinkWatcher {
  onConnect?(connection: NatsConnection): void;
  onDisconnect?(): void;
  /** The server refused an operation, for example on a subject that this user has no right to. */
  onError?(error: Error): void;
}

/**
 * One connection to NATS, re-established as long as the process lives. Nothing here throws because NATS is unreachable:
 * `problem()` says so, and users of the connection wait for `connected()`.
 */
export class NatsLink {
  private live: NatsConnection | null = null;
  /** Also while it reconnects. */
  private current: NatsConnection | null = null;
  private lastProblem: string | null = 'the connection to NATS was not started';
  private waiting: ((connection: NatsConnection) => void)[] = [];
  private watchers = new Set<LinkWatcher>();
  private closing = new AbortController();
  private loop: Promise<void> | null = null;
  private readonly address: string;

  constructor(private readonly options: NatsLinkOptions) {
    this.address = parseNatsUrl(options.url).servers.join(', ');
  }

  /** The live connection, or null while there is none. */
  get connection(): NatsConnection | null {
    return this.live;
  }

  get inboxPrefix(): string {
    return this.options.inboxPrefix ?? `_INBOX_${this.options.name}`;
  }

  start(): void {
    this.loop ??= this.run();
  }

  /** Resolves with the live connection as soon as there is one. */
  connected(): Promise<NatsConnection> {
    if (this.live) return Promise.resolve(this.live);
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  /** A sentence for /readyz; null while connected. */
  problem(): string | null {
    return this.lastProblem;
  }

  /** @returns a function that removes the watcher */
  watch(watcher: LinkWatcher): () => void {
    this.watchers.add(watcher);
    if (this.live) watcher.onConnect?.(this.live);
    return () => this.watchers.delete(watcher);
  }

  /** Sends what is buffered, then closes. Safe to call twice, and while NATS is unreachable. */
  async close(): Promise<void> {
    this.closing.abort();
    const isUp = this.live !== null;
    this.lastProblem = 'the connection to NATS is closed';
    await (isUp ? this.current?.drain() : this.current?.close())?.catch((error) => {
      this.options.log('NATS connection closed before its buffer was sent', 'warn', error);
    });
    await this.loop;
    this.live = null;
  }

  private async run(): Promise<void> {
    for (let tries = 1; !this.closing.signal.aborted; tries++) {
      try {
        this.current = await connect(this.connectOptions());
        if (!isBelowFloor(this.current.info?.version)) tries = 0;
        if (this.closing.signal.aborted) return await this.current.close();
        await this.follow(this.current);
      } catch (error) {
        this.downBy(error);
      }
      await pause(backoffMs(RETRY, tries), this.closing.signal);
    }
  }

  private connectOptions() {
    return {
      ...parseNatsUrl(this.options.url),
      name: this.options.name,
      inboxPrefix: this.inboxPrefix,
      timeout: HANDSHAKE_MS,
      pingInterval: this.options.pingIntervalMs ?? PING_INTERVAL_MS,
      maxPingOut: 2,
      maxReconnectAttempts: -1,
      reconnectTimeWait: RETRY.firstMs,
      reconnectJitter: RETRY.firstMs,
      // A password rotation must not end the process's only connection.
      ignoreAuthErrorAbort: true,
      noAsyncTraces: true,
    };
  }

  private async follow(connection: NatsConnection): Promise<void> {
    if (this.isTooOld(connection)) return await connection.close();
    this.up(connection);
    for await (const status of connection.status()) {
      // The server may have been replaced meanwhile.
      if (status.type === 'reconnect' && this.isTooOld(connection)) return await connection.close();
      this.handleStatus(connection, status);
    }
    this.downBy(await connection.closed());
  }

  private isTooOld({ info }: NatsConnection): boolean {
    if (!isBelowFloor(info?.version)) return false;
    this.down(
      `NATS at ${this.address} is nats-server ${info?.version}; ${FLOOR_TEXT} or newer is needed, older ones can be ended by one message of an outside system`,
      'error',
    );
    return true;
  }

  private handleStatus(connection: NatsConnection, status: Status): void {
    if (status.type === 'disconnect') this.down(`NATS at ${this.address} was lost: reconnecting`, 'warn');
    else if (status.type === 'reconnect') this.up(connection);
    else if (status.type === 'error') for (const watcher of this.watchers) watcher.onError?.(status.error);
  }

  private up(connection: NatsConnection): void {
    if (this.closing.signal.aborted) return;
    this.live = connection;
    this.lastProblem = null;
    this.options.log(
      `connected to nats-server ${connection.info?.version ?? '?'} at ${connection.getServer()}`,
      'info',
    );
    for (const resolve of this.waiting.splice(0)) resolve(connection);
    for (const watcher of this.watchers) watcher.onConnect?.(connection);
  }

  private downBy(error: unknown): void {
    this.down(sentenceFor(error, this.address), isRefusal(error) ? 'error' : 'warn', error);
  }

  private down(problem: string, level: 'warn' | 'error', error?: unknown): void {
    const wasUp = this.live !== null;
    this.live = null;
    if (this.closing.signal.aborted) return;
    // One line per change, not one per try.
    if (problem !== this.lastProblem) this.options.log(problem, level, error);
    this.lastProblem = problem;
    if (wasUp) for (const watcher of this.watchers) watcher.onDisconnect?.();
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof errors.AuthorizationError || error instanceof errors.UserAuthenticationExpiredError;
}

function sentenceFor(error: unknown, address: string): string {
  if (isRefusal(error)) return `NATS at ${address} refuses the user or password in NATS_URL`;
  const cause = error instanceof Error ? deepestMessage(error) : 'the connection was closed';
  return `NATS at ${address} cannot be reached (${cause}): is it running, and is NATS_URL right?`;
}

function deepestMessage(error: Error): string {
  return error.cause instanceof Error ? deepestMessage(error.cause) : error.message;
}
