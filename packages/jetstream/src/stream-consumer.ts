import { backoffMs, pause, unlessAborted } from '@bellhop/waiting';
import type { NatsConnection } from '@nats-io/nats-core';
import type { LoggerService } from '@nestjs/common';
import { bind } from './binding.js';
import type { Delivery } from './delivery.js';
import type { HealthGate } from './health-gate.js';
import type { NatsLink } from './nats-link.js';
import { PullSession } from './pull-session.js';

/** Short: a consumer that the owner of the stream is building again is back within milliseconds. */
const REBIND = { firstMs: 250, maxMs: 2_000 };
/** What is handed back because the database is away need not return at once. */
const HANDED_BACK_MS = 1_000;

export interface StreamConsumerOptions {
  link: NatsLink;
  gate: HealthGate;
  log: LoggerService;
  stream: string;
  consumer: string;
  maxInFlight: number;
  /** Handles one delivery to its end. Gives back what tells the server; never rejects. */
  handle: (delivery: Delivery) => Promise<(latest: Delivery) => void>;
}

interface InFlight {
  /** Of several deliveries of one message, the one that the server waits for. */
  delivery: Delivery;
  /** When the server's `ack_wait` last began. */
  sinceMs: number;
  /** The consumer that made the delivery. */
  createdAt: string;
}

/**
 * Keeps one durable consumer busy: binds, pulls, extends, and starts again after whatever ended it.
 *
 * When a stream has lost its end, its owner builds the consumer again under the same name, and the sequences of lost
 * events are given to new ones. The server knows an acknowledgement by name and sequence only, so that of a lost event
 * would settle the new one unread. Therefore an answer is sent only while it is known that the consumer is still the
 * one that made the delivery; without that it is dropped, the event comes again, and the inbox knows it.
 */
export class StreamConsumer {
  readonly #stopping = new AbortController();
  readonly #inFlight = new Map<string, InFlight>();
  /** Answers that could not be sent, because NATS was away or the consumer not looked up again. Taken later, too. */
  #unsent: { createdAt: string; send: () => void }[] = [];
  /** The consumer as it was last looked up, and whether nothing has happened since that may have replaced it. */
  #createdAt = '';
  #isSure = false;
  /** A consumer counts its deliveries; within a session the count goes back only when another one has begun. */
  #lastCount = 0;
  #session: PullSession | null = null;
  #isRefilling = false;
  #extending: NodeJS.Timeout | undefined;
  #problem: string | null = null;
  #loop: Promise<void> | null = null;
  #whenEmpty: (() => void)[] = [];

  constructor(private readonly options: StreamConsumerOptions) {
    this.#problem = `${this.#name} is not bound yet`;
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** A sentence for /readyz: what is missing and what to do. */
  problem(): string | null {
    return this.#problem;
  }

  /** Ends the current session; the loop decides when to begin another. */
  interrupt(why: string): void {
    if (!this.options.link.connection) this.#isSure = false;
    this.#session?.end(why);
  }

  /** Stops pulling, hands back what comes all the same, and waits for what is being handled. */
  async drain(): Promise<void> {
    this.#stopping.abort();
    this.interrupt('draining');
    await this.#loop;
    while (this.#inFlight.size > 0) await new Promise<void>((resolve) => this.#whenEmpty.push(resolve));
    clearInterval(this.#extending);
  }

  get #name(): string {
    return `consumer ${this.options.consumer} on stream ${this.options.stream}`;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    for (let tries = 1; !signal.aborted; tries++) {
      const connection = await unlessAborted(this.options.link.connected(), signal);
      await unlessAborted(this.options.gate.opened(), signal);
      if (!connection || signal.aborted) return;
      const binding = await bind(connection, this.options.stream, this.options.consumer);
      this.#report(binding.ok ? null : binding.problem);
      // While it was looked up, there was no session to interrupt.
      const isStillWanted = !signal.aborted && this.options.gate.isOpen && this.options.link.connection === connection;
      if (binding.ok && isStillWanted) {
        tries = 1;
        this.#keepExtending(binding.ackWaitMs);
        this.#createdAt = binding.createdAt;
        this.#isSure = true;
        await this.#pull(connection);
      }
      // Also after a session: one that ends at once must not become a busy loop.
      await pause(backoffMs(REBIND, tries), signal);
    }
  }

  async #pull(connection: NatsConnection): Promise<void> {
    for (const { createdAt, send } of this.#unsent.splice(0)) if (createdAt === this.#createdAt) send();
    this.#lastCount = 0;
    const session = new PullSession({
      connection,
      stream: this.options.stream,
      consumer: this.options.consumer,
      inboxPrefix: this.options.link.inboxPrefix,
      onDelivery: (delivery) => this.#take(delivery),
      onIdle: () => this.#refillSoon(),
    });
    this.#session = session;
    this.#refillSoon();
    const why = await session.ended;
    this.#session = null;
    // The server ended it: the consumer may have been deleted. We did: it was not.
    if (!this.#stopping.signal.aborted && this.options.gate.isOpen) this.#isSure = false;
    if (!this.#stopping.signal.aborted && this.options.link.connection)
      this.options.log.debug?.(`${this.#name}: session ended (${why})`);
    await session.stop();
  }

  /** Many handlers finish in one turn of the event loop: one request for all of them. */
  #refillSoon(): void {
    if (this.#isRefilling) return;
    this.#isRefilling = true;
    setImmediate(() => {
      this.#isRefilling = false;
      const free = this.options.maxInFlight - this.#inFlight.size;
      if (this.#session && this.#session.outstanding === 0 && free > 0 && this.options.link.connection)
        this.#session.request(free);
    });
  }

  #take(delivery: Delivery): void {
    if (delivery.consumerSequence <= this.#lastCount) this.#createdAt = `after ${this.#createdAt}`;
    this.#lastCount = delivery.consumerSequence;
    const known = this.#inFlight.get(delivery.key);
    if (known) {
      // The server thinks that we lost it. We did not: answer the newer delivery when the work is done.
      known.delivery = delivery;
      known.sinceMs = performance.now();
      known.createdAt = this.#createdAt;
      return;
    }
    if (this.#stopping.signal.aborted || !this.options.gate.isOpen) {
      // Sent before the server heard that we stopped. Another replica may have it at once.
      delivery.nak(this.options.gate.isOpen ? 0 : HANDED_BACK_MS);
      return;
    }
    const entry: InFlight = { delivery, sinceMs: performance.now(), createdAt: this.#createdAt };
    this.#inFlight.set(delivery.key, entry);
    void this.#handle(entry);
  }

  async #handle(entry: InFlight): Promise<void> {
    const answer = await this.options.handle(entry.delivery);
    const send = () => {
      try {
        answer(entry.delivery);
      } catch {
        // The connection is closed for good. The server delivers again, and the inbox knows the event.
      }
    };
    if (this.options.link.connection && this.#isSure) {
      if (entry.createdAt === this.#createdAt) send();
    } else this.#unsent.push({ createdAt: entry.createdAt, send });
    this.#inFlight.delete(entry.delivery.key);
    this.#refillSoon();
    if (this.#inFlight.size === 0) for (const resolve of this.#whenEmpty.splice(0)) resolve();
  }

  /** Goes on between sessions: a handler that waits for a database must not lose its message meanwhile. */
  #keepExtending(ackWaitMs: number): void {
    clearInterval(this.#extending);
    this.#extending = setInterval(() => {
      if (!this.options.link.connection || !this.#isSure) return;
      const now = performance.now();
      for (const entry of this.#inFlight.values()) {
        if (entry.createdAt !== this.#createdAt || now - entry.sinceMs < ackWaitMs / 2) continue;
        entry.delivery.working();
        entry.sinceMs = now;
      }
    }, ackWaitMs / 8);
  }

  #report(problem: string | null): void {
    if (problem && problem !== this.#problem) this.options.log.warn(problem);
    if (!problem && this.#problem) this.options.log.log(`${this.#name}: consuming`);
    this.#problem = problem;
  }
}
