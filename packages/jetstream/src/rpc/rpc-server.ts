import { describeEventProblems } from '@bellhop/contracts/events';
import { RPC_TIMEOUT_MS, type RpcName, rpcs } from '@bellhop/contracts/rpc';
import type { Msg, NatsConnection, Subscription } from '@nats-io/nats-core';
import type { LoggerService } from '@nestjs/common';
import type { NatsLink } from '../nats-link.js';
import { RequestQueue } from './request-queue.js';
import { RpcRefusal } from './rpc-errors.js';
import { errorHeaders } from './rpc-wire.js';

export interface RpcServerOptions {
  link: NatsLink;
  /** The queue group: one of its replicas gets each request. */
  service: string;
  /** A transient error is answered with `unavailable`, any other with `failed`. */
  isTransientError: (error: unknown) => boolean;
  log: LoggerService;
}

/** Concurrent requests of one subject. More than a database has connections, since some wait for another service meanwhile. */
const MAX_OPEN = 100;

type Handle = (request: unknown) => Promise<unknown>;
type Schema = (typeof rpcs)[RpcName]['request'];

const schemas = new Map<string, Schema>(Object.values(rpcs).map(({ subject, request }) => [subject, request]));

/** Replies to requests over core NATS, one subscription per subject, as long as there is a connection. */
export class RpcServer {
  private readonly handlers = new Map<string, Handle>();
  private readonly open = new Set<Promise<void>>();
  private subscriptions: Subscription[] = [];
  private subscribedOn: NatsConnection | null = null;
  private unwatch: () => void = () => undefined;

  constructor(private readonly options: RpcServerOptions) {}

  /** @throws Error when the contract has no such subject, or it has a handler already */
  add(subject: string, handle: Handle): void {
    if (!schemas.has(subject)) throw new Error(`the contract has no request ${subject}`);
    if (this.handlers.has(subject)) throw new Error(`two handlers for ${subject}`);
    this.handlers.set(subject, handle);
  }

  start(): void {
    this.unwatch = this.options.link.watch({ onConnect: (connection) => this.subscribe(connection) });
  }

  /** Takes no more requests, and resolves when all open ones have their reply. */
  async drain(): Promise<void> {
    this.unwatch();
    await Promise.all(this.subscriptions.map((subscription) => this.drainOne(subscription)));
    await Promise.all(this.open);
  }

  private async drainOne(subscription: Subscription): Promise<void> {
    try {
      await subscription.drain();
    } catch (error) {
      const message = 'subscription not drained, NATS connection closed: its requests time out';
      this.options.log.debug?.({ message, error, subject: subscription.getSubject() });
    }
  }

  /** The client renews subscriptions itself when it reconnects; a new connection begins without any. */
  private subscribe(connection: NatsConnection): void {
    if (this.subscribedOn === connection) return;
    this.subscribedOn = connection;
    this.subscriptions = [...this.handlers].map(([subject, handle]) => {
      const queue = new RequestQueue({ maxOpen: MAX_OPEN, callerTimeoutMs: RPC_TIMEOUT_MS });
      return connection.subscribe(subject, {
        queue: this.options.service,
        callback: (error, message) => {
          if (!error) this.take(subject, () => queue.run(() => this.reply(subject, handle, message)));
          else this.options.log.error({ message: 'rpc subscription failed: callers get no reply', error, subject });
        },
      });
    });
  }

  private take(subject: string, handle: () => Promise<boolean>): void {
    const { log } = this.options;
    const handling = handle().then(
      (isHandled) => {
        if (!isHandled) log.warn({ message: 'rpc request dropped: its caller has timed out', subject });
      },
      (error) => log.warn({ message: 'rpc reply not sent: its caller will time out', error, subject }),
    );
    this.open.add(handling);
    void handling.finally(() => this.open.delete(handling));
  }

  private async reply(subject: string, handle: Handle, message: Msg): Promise<void> {
    // The owner of a stream can have the server deliver its messages to any subject; the original subject stays on them.
    if (message.subject !== subject || !message.reply) {
      const text = 'rpc message refused: it was published to another subject';
      this.options.log.warn({ message: text, publishedTo: message.subject, subject });
      return;
    }
    try {
      const result = await handle(parse(subject, message));
      message.respond(JSON.stringify(result ?? null));
    } catch (error) {
      message.respond('', { headers: errorHeaders(this.refusalOf(subject, error)) });
    }
  }

  private refusalOf(subject: string, error: unknown): RpcRefusal {
    if (error instanceof RpcRefusal) return error;
    const { log, isTransientError } = this.options;
    if (isTransientError(error)) {
      log.warn({ message: 'rpc request failed with a transient error: replied "unavailable"', error, subject });
      return new RpcRefusal('unavailable', 'A dependency is unavailable for the moment. Try again.');
    }
    log.error({ message: 'rpc request failed: replied "failed"', error, subject });
    return new RpcRefusal('failed', 'Unexpected error; see the log of the service that was called.');
  }
}

function parse(subject: string, message: Msg): unknown {
  let body: unknown;
  try {
    body = message.json();
  } catch {
    throw new RpcRefusal('bad_request', 'the request is not JSON');
  }
  const { data, error } = schemas.get(subject)!.safeParse(body);
  if (error) throw new RpcRefusal('bad_request', describeEventProblems(error, body));
  return data;
}
