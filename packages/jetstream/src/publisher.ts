import {
  createInbox,
  type Msg,
  type NatsConnection,
  errors as natsErrors,
  headers as newHeaders,
  type Subscription,
} from '@nats-io/nats-core';
import type { NatsLink } from './nats-link.js';
import { failed, type PublishOutcome, readPubAck } from './publish-errors.js';

export interface OutgoingMessage {
  subject: string;
  /** `Nats-Msg-Id`: the same id within the stream's window is stored once. */
  id: string;
  data: Uint8Array;
  headers?: Record<string, string | readonly string[]>;
}

export interface PublisherOptions {
  link: NatsLink;
  /** How long to wait for the server's reply to one message, in milliseconds. Default 5,000. */
  timeoutMs?: number;
  /** Messages without a reply at one time; more wait. Default 4,096. */
  maxPending?: number;
}

interface Pending {
  readonly subject: string;
  readonly sentAtMs: number;
  readonly settle: (outcome: PublishOutcome) => void;
}

/**
 * Publishes to JetStream without a request object per message: all replies come to one inbox, and the last token of their
 * subject identifies the message. That costs about a quarter of the client's own `publish()`.
 */
export class JetStreamPublisher {
  private readonly link: NatsLink;
  private readonly timeoutMs: number;
  private readonly maxPending: number;
  /** In the order of sending, so the first one is the oldest. */
  private readonly pending = new Map<string, Pending>();
  private readonly unwatch: () => void;
  private inbox: { connection: NatsConnection; prefix: string; subscription: Subscription } | null = null;
  private counter = 0;
  private waiting: (() => void)[] = [];
  private sweeper: NodeJS.Timeout | null = null;
  private isClosed = false;

  constructor(options: PublisherOptions) {
    this.link = options.link;
    this.timeoutMs = options.timeoutMs ?? 5_000;
    this.maxPending = options.maxPending ?? 4_096;
    this.unwatch = this.link.watch({
      onDisconnect: () => this.failAll('no_answer', 'NATS was lost before it answered: publish again, same id'),
      onError: (error) => this.refuse(error),
    });
  }

  /**
   * Sends all and waits for all replies. Never rejects: each message has its own outcome, in the order given. One that
   * failed with `no_answer` may be stored nevertheless.
   */
  async publish(messages: readonly OutgoingMessage[]): Promise<PublishOutcome[]> {
    const outcomes = new Array<PublishOutcome>(messages.length);
    let left = messages.length;
    let finish: () => void = () => undefined;
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    if (left === 0) finish();
    for (const [index, message] of messages.entries()) {
      while (this.pending.size >= this.maxPending) await new Promise<void>((wake) => this.waiting.push(wake));
      this.send(message, (outcome) => {
        outcomes[index] = outcome;
        if (--left === 0) finish();
      });
    }
    await finished;
    return outcomes;
  }

  /** Messages without a reply fail with `no_answer`. */
  close(): void {
    this.isClosed = true;
    this.unwatch();
    this.dropInbox();
    this.failAll('no_answer', 'the publisher was closed before NATS answered');
  }

  private send(message: OutgoingMessage, settle: (outcome: PublishOutcome) => void): void {
    const connection = this.isClosed ? null : this.link.connection;
    if (!connection) {
      settle(failed('not_connected', this.link.problem() ?? 'the publisher is closed'));
      return;
    }
    const token = (this.counter++).toString(36);
    try {
      const reply = this.inboxOn(connection) + token;
      this.pending.set(token, { subject: message.subject, sentAtMs: performance.now(), settle });
      connection.publish(message.subject, message.data, { reply, headers: encodeHeaders(message) });
    } catch (cause) {
      this.settle(token, notSent(message, connection, cause));
      return;
    }
    this.sweeper ??= setInterval(() => this.sweep(), Math.max(this.timeoutMs / 4, 10));
  }

  /** @returns the prefix of reply subjects on this connection, up to and including the last dot */
  private inboxOn(connection: NatsConnection): string {
    if (this.inbox?.connection === connection && !this.inbox.subscription.isClosed()) return this.inbox.prefix;
    this.dropInbox();
    const prefix = `${createInbox(this.link.inboxPrefix)}.`;
    const callback = (error: Error | null, reply: Msg) => {
      if (!error) this.receive(reply.subject.slice(prefix.length), reply);
    };
    this.inbox = { connection, prefix, subscription: connection.subscribe(`${prefix}*`, { callback }) };
    return prefix;
  }

  private dropInbox(): void {
    if (this.inbox && !this.inbox.connection.isClosed()) this.inbox.subscription.unsubscribe();
    this.inbox = null;
  }

  private receive(token: string, reply: Msg): void {
    const pending = this.pending.get(token);
    if (pending) this.settle(token, readPubAck(reply, pending.subject));
  }

  private settle(token: string, outcome: PublishOutcome): void {
    const pending = this.pending.get(token);
    if (!pending) return;
    this.pending.delete(token);
    pending.settle(outcome);
    if (this.pending.size === 0 && this.sweeper) {
      clearInterval(this.sweeper);
      this.sweeper = null;
    }
    // Resuming at three quarters sends a whole burst together.
    if (this.waiting.length > 0 && this.pending.size <= this.maxPending * 0.75)
      for (const wake of this.waiting.splice(0)) wake();
  }

  private sweep(): void {
    const before = performance.now() - this.timeoutMs;
    for (const [token, pending] of this.pending) {
      if (pending.sentAtMs > before) return;
      const said = `NATS did not answer within ${this.timeoutMs} ms; it may have stored ${pending.subject}`;
      this.settle(token, failed('no_answer', `${said}: publish again, same id`));
    }
  }

  private failAll(code: 'no_answer' | 'not_permitted', message: string, only?: string, cause?: unknown): void {
    for (const [token, pending] of [...this.pending])
      if (only === undefined || pending.subject === only) this.settle(token, failed(code, message, undefined, cause));
  }

  /** The server sends no reply to a forbidden publish, only an error on the connection. Without this, it would time out. */
  private refuse(error: Error): void {
    if (!(error instanceof natsErrors.PermissionViolationError)) return;
    const { operation, subject } = error;
    if (operation === 'publish')
      this.failAll('not_permitted', `this NATS user may not publish ${subject}`, subject, error);
    else if (this.inbox && subject === `${this.inbox.prefix}*`) {
      this.dropInbox();
      const said = `this NATS user may not receive replies on ${this.link.inboxPrefix}.>`;
      this.failAll('not_permitted', `${said}: allow it, or set another inbox prefix`, undefined, error);
    }
  }
}

function encodeHeaders(message: OutgoingMessage) {
  const encoded = newHeaders();
  encoded.set('Nats-Msg-Id', message.id);
  for (const [name, value] of Object.entries(message.headers ?? {}))
    for (const one of typeof value === 'string' ? [value] : value) encoded.append(name, one);
  return encoded;
}

function notSent(message: OutgoingMessage, connection: NatsConnection, cause: unknown): PublishOutcome {
  const maximum = connection.info?.max_payload ?? Number.POSITIVE_INFINITY;
  if (cause instanceof natsErrors.InvalidArgumentError && cause.message.includes('max_payload')) {
    const said = `a message of ${message.data.length} bytes and its headers are more than the server takes`;
    return failed('too_large', `${said} (max_payload ${maximum})`, undefined, cause);
  }
  return failed('refused', `${message.subject} could not be sent: ${String(cause)}`, undefined, cause);
}
