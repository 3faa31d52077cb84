import { backoffMs, pause, unlessAborted } from '@bellhop/waiting';
import type { NatsConnection } from '@nats-io/nats-core';
import type { LoggerService } from '@nestjs/common';
import { bind } from './binding.js';
import type { CircuitBreaker } from './circuit-breaker.js';
import type { Delivery } from './delivery.js';
import type { Settle } from './event-pipeline.js';
import type { NatsLink } from './nats-link.js';
import { PullSession } from './pull-session.js';

/** Short: a consumer that the owner of the stream is rebuilding is back within milliseconds. */
const REBIND = { firstMs: 250, maxMs: 2_000 };
/** Redelivery delay of what still arrives while the breaker is open. */
const NAK_WHILE_OPEN_MS = 1_000;

export interface StreamConsumerOptions {
  link: NatsLink;
  breaker: CircuitBreaker;
  log: LoggerService;
  stream: string;
  consumer: string;
  maxInFlight: number;
  /** Handles one delivery to its end and resolves with its settlement; never rejects. */
  handle: (delivery: Delivery) => Promise<Settle>;
}

interface InFlight {
  /** Of several deliveries of one message, the one that the server waits for. */
  delivery: Delivery;
  /** When the server's `ack_wait` last began. */
  sinceMs: number;
  /** Epoch of the consumer that made the delivery. */
  epoch: number;
}

/**
 * Keeps one durable consumer busy: binds, pulls, extends, and starts again after whatever ended it.
 *
 * When a stream has lost its end, its owner rebuilds the consumer under the same name, and sequences of lost events are
 * assigned to new ones. The server identifies an acknowledgement by consumer name and sequence only, so the ack of a lost
 * event would settle the new one unread. Therefore each delivery belongs to an epoch, which is raised whenever the consumer
 * may be another one; a settlement is sent only in its own epoch and while the consumer is bound. One of an earlier epoch is
 * dropped: the event comes again, and the inbox recognises it.
 */
export class StreamConsumer {
  private readonly stopping = new AbortController();
  private readonly active = new Map<string, InFlight>();
  /** Settlements that wait for the consumer to be bound again. */
  private unsent: (() => void)[] = [];
  private epoch = 0;
  /** Creation time of the consumer of this epoch. */
  private createdAt = '';
  /** Looked up, and nothing has happened since that may have replaced it. */
  private isBound = false;
  /** A consumer counts its deliveries; within a session the count goes back only when another consumer has begun. */
  private lastCount = 0;
  private session: PullSession | null = null;
  private isRefilling = false;
  private extending: NodeJS.Timeout | undefined;
  private lastProblem: string | null = null;
  private loop: Promise<void> | null = null;
  private whenEmpty: (() => void)[] = [];

  constructor(private readonly options: StreamConsumerOptions) {
    this.lastProblem = `${this.name} is not bound yet`;
  }

  get inFlight(): number {
    return this.active.size;
  }

  start(): void {
    this.loop ??= this.run();
  }

  /** A sentence for /readyz: what is missing and what to do. */
  problem(): string | null {
    return this.lastProblem;
  }

  /** Ends the current session; the loop decides when to begin another. */
  interrupt(why: string): void {
    if (!this.options.link.connection) this.isBound = false;
    this.session?.end(why);
  }

  /** Stops pulling, naks what still arrives, and waits for what is being handled. */
  async drain(): Promise<void> {
    this.stopping.abort();
    this.interrupt('draining');
    await this.loop;
    while (this.active.size > 0) await new Promise<void>((resolve) => this.whenEmpty.push(resolve));
    clearInterval(this.extending);
  }

  private get name(): string {
    return `consumer ${this.options.consumer} on stream ${this.options.stream}`;
  }

  private async run(): Promise<void> {
    const { link, breaker, stream, consumer } = this.options;
    const { signal } = this.stopping;
    for (let tries = 1; !signal.aborted; tries++) {
      const connection = await unlessAborted(link.connected(), signal);
      await unlessAborted(breaker.closed(), signal);
      if (!connection || signal.aborted) return;
      const binding = await bind(connection, stream, consumer);
      this.report(binding.ok ? null : binding.problem, binding.ok ? undefined : binding.error);
      // During the look-up there was no session to interrupt.
      const isStillWanted = !signal.aborted && breaker.isClosed && link.connection === connection;
      if (binding.ok && isStillWanted) {
        tries = 1;
        this.keepExtending(binding.ackWaitMs);
        this.bound(binding.createdAt);
        await this.pull(connection);
      }
      // Also after a session: one that ends at once must not become a busy loop.
      await pause(backoffMs(REBIND, tries), signal);
    }
  }

  private bound(createdAt: string): void {
    if (createdAt !== this.createdAt) this.epoch++;
    this.createdAt = createdAt;
    this.isBound = true;
    for (const send of this.unsent.splice(0)) send();
  }

  private async pull(connection: NatsConnection): Promise<void> {
    const { link, breaker, log, stream, consumer } = this.options;
    this.lastCount = 0;
    const session = new PullSession({
      connection,
      stream,
      consumer,
      inboxPrefix: link.inboxPrefix,
      onDelivery: (delivery) => this.take(delivery),
      onIdle: () => this.refillSoon(),
    });
    this.session = session;
    this.refillSoon();
    const why = await session.ended;
    this.session = null;
    // Ended by the server, not by us: the consumer may have been deleted.
    if (!this.stopping.signal.aborted && breaker.isClosed) this.isBound = false;
    if (!this.stopping.signal.aborted && link.connection)
      log.debug?.({ message: 'pull session ended: binding again', why, stream, consumer });
    await session.stop().catch((error) => {
      log.debug?.({
        message: 'pull session not drained: its last events will be redelivered',
        error,
        stream,
        consumer,
      });
    });
  }

  /** Many handlers finish in one turn of the event loop: one request for all of them. */
  private refillSoon(): void {
    if (this.isRefilling) return;
    this.isRefilling = true;
    setImmediate(() => {
      this.isRefilling = false;
      const free = this.options.maxInFlight - this.active.size;
      if (this.session && this.session.outstanding === 0 && free > 0 && this.options.link.connection)
        this.session.request(free);
    });
  }

  private take(delivery: Delivery): void {
    if (delivery.consumerSequence <= this.lastCount) this.epoch++;
    this.lastCount = delivery.consumerSequence;
    const known = this.active.get(delivery.key);
    if (known) {
      // The server believes that we lost it. We did not: settle the newer delivery when the work is done.
      known.delivery = delivery;
      known.sinceMs = performance.now();
      known.epoch = this.epoch;
      return;
    }
    const { breaker } = this.options;
    if (this.stopping.signal.aborted || !breaker.isClosed) {
      // Sent before the server knew that we stopped. Another replica may have it at once.
      delivery.nak(breaker.isClosed ? 0 : NAK_WHILE_OPEN_MS);
      return;
    }
    const entry: InFlight = { delivery, sinceMs: performance.now(), epoch: this.epoch };
    this.active.set(delivery.key, entry);
    void this.handle(entry);
  }

  private async handle(entry: InFlight): Promise<void> {
    const settle = await this.options.handle(entry.delivery);
    if (this.options.link.connection && this.isBound) this.send(entry, settle);
    else this.unsent.push(() => this.send(entry, settle));
    this.active.delete(entry.delivery.key);
    this.refillSoon();
    if (this.active.size === 0) for (const resolve of this.whenEmpty.splice(0)) resolve();
  }

  private send({ delivery, epoch }: InFlight, settle: Settle): void {
    if (epoch !== this.epoch) return;
    try {
      settle(delivery);
    } catch (error) {
      const message = 'event not settled, NATS connection closed: it will be redelivered';
      this.options.log.debug?.({ message, error, subject: delivery.subject, ...delivery.position });
    }
  }

  /** Goes on between sessions: a handler that waits for a database must not lose its message meanwhile. */
  private keepExtending(ackWaitMs: number): void {
    clearInterval(this.extending);
    this.extending = setInterval(() => {
      if (!this.options.link.connection || !this.isBound) return;
      const now = performance.now();
      for (const entry of this.active.values()) {
        if (entry.epoch !== this.epoch || now - entry.sinceMs < ackWaitMs / 2) continue;
        entry.delivery.working();
        entry.sinceMs = now;
      }
    }, ackWaitMs / 8);
  }

  private report(problem: string | null, error: unknown): void {
    const { log, stream, consumer } = this.options;
    if (problem && problem !== this.lastProblem) log.warn({ message: problem, error, stream, consumer });
    if (!problem && this.lastProblem) log.log({ message: 'consumer bound: pulling', stream, consumer });
    this.lastProblem = problem;
  }
}
