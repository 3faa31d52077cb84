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
  /** One line per change. `error` is what only a person can mend. */
  log: (line: string, level: 'info' | 'warn' | 'error') => void;
  /** What reply subjects begin with: the user's rights name it. Default `_INBOX_<name>`. */
  inboxPrefix?: string;
  /** A connection on which two pings in a row have no answer is given up for a new one. Default 15,000. */
  pingIntervalMs?: number;
}

/** What somebody wants to hear of a link. */
export interface LinkWatcher {
  onConnect?(connection: NatsConnection): void;
  onDisconnect?(): void;
  /** The server refused something, for example a subject that this user has no right to. */
  onError?(error: Error): void;
}

/**
 * One connection to NATS that is looked for as long as the process lives. Nothing here throws because NATS is away:
 * `problem()` says so, and whoever needs the connection waits for `connected()`.
 */
export class NatsLink {
  #connection: NatsConnection | null = null;
  #current: NatsConnection | null = null;
  #problem: string | null = 'the connection to NATS was not started';
  #waiting: ((connection: NatsConnection) => void)[] = [];
  #watchers = new Set<LinkWatcher>();
  #closing = new AbortController();
  #loop: Promise<void> | null = null;
  readonly #address: string;

  constructor(private readonly options: NatsLinkOptions) {
    this.#address = parseNatsUrl(options.url).servers.join(', ');
  }

  /** The live connection, or null while there is none. */
  get connection(): NatsConnection | null {
    return this.#connection;
  }

  get inboxPrefix(): string {
    return this.options.inboxPrefix ?? `_INBOX_${this.options.name}`;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** The live connection, as soon as there is one. Stays pending while NATS is away. */
  connected(): Promise<NatsConnection> {
    if (this.#connection) return Promise.resolve(this.#connection);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** A sentence for /readyz; null while connected. */
  problem(): string | null {
    return this.#problem;
  }

  /** @returns a function that ends the watching */
  watch(watcher: LinkWatcher): () => void {
    this.#watchers.add(watcher);
    if (this.#connection) watcher.onConnect?.(this.#connection);
    return () => this.#watchers.delete(watcher);
  }

  /** Sends what is buffered, then closes. Safe to call twice, and while NATS is away. */
  async close(): Promise<void> {
    this.#closing.abort();
    const isUp = this.#connection !== null;
    this.#problem = 'the connection to NATS is closed';
    await (isUp ? this.#current?.drain() : this.#current?.close())?.catch(() => undefined);
    await this.#loop;
    this.#connection = null;
  }

  async #run(): Promise<void> {
    for (let tries = 1; !this.#closing.signal.aborted; tries++) {
      try {
        this.#current = await connect(this.#connectOptions());
        if (!isBelowFloor(this.#current.info?.version)) tries = 0;
        if (this.#closing.signal.aborted) return await this.#current.close();
        await this.#follow(this.#current);
      } catch (error) {
        this.#downBy(error);
      }
      await pause(backoffMs(RETRY, tries), this.#closing.signal);
    }
  }

  #connectOptions() {
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
      // A password that is being rotated must not end the process's only connection.
      ignoreAuthErrorAbort: true,
      noAsyncTraces: true,
    };
  }

  async #follow(connection: NatsConnection): Promise<void> {
    if (this.#isTooOld(connection)) return await connection.close();
    this.#up(connection);
    for await (const status of connection.status()) {
      // The server may have been exchanged for another one meanwhile.
      if (status.type === 'reconnect' && this.#isTooOld(connection)) return await connection.close();
      this.#hear(connection, status);
    }
    this.#downBy(await connection.closed());
  }

  #isTooOld({ info }: NatsConnection): boolean {
    if (!isBelowFloor(info?.version)) return false;
    this.#down(
      `NATS at ${this.#address} is nats-server ${info?.version}; ${FLOOR_TEXT} or newer is needed, older ones can be ended by one message of an outside system`,
      'error',
    );
    return true;
  }

  #hear(connection: NatsConnection, status: Status): void {
    if (status.type === 'disconnect') this.#down(`NATS at ${this.#address} was lost: reconnecting`, 'warn');
    else if (status.type === 'reconnect') this.#up(connection);
    else if (status.type === 'error') for (const watcher of this.#watchers) watcher.onError?.(status.error);
  }

  #up(connection: NatsConnection): void {
    if (this.#closing.signal.aborted) return;
    this.#connection = connection;
    this.#problem = null;
    this.options.log(
      `connected to nats-server ${connection.info?.version ?? '?'} at ${connection.getServer()}`,
      'info',
    );
    for (const resolve of this.#waiting.splice(0)) resolve(connection);
    for (const watcher of this.#watchers) watcher.onConnect?.(connection);
  }

  #downBy(error: unknown): void {
    this.#down(sentenceFor(error, this.#address), isRefusal(error) ? 'error' : 'warn');
  }

  #down(problem: string, level: 'warn' | 'error'): void {
    const wasUp = this.#connection !== null;
    this.#connection = null;
    if (this.#closing.signal.aborted) return;
    // One line per change, not one per try.
    if (problem !== this.#problem) this.options.log(problem, level);
    this.#problem = problem;
    if (wasUp) for (const watcher of this.#watchers) watcher.onDisconnect?.();
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
