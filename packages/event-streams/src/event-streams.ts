import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';
import { EventStream, type StreamLimits } from './event-stream.js';
import { type Hint, retryFrame } from './frames.js';
import { beginResponse, lastEventIdOf } from './response.js';

export interface EventStreamsOptions extends StreamLimits {
  /** A quiet stream gets a comment after this, in milliseconds. Default 20,000. */
  readonly heartbeatMs: number;
  /** A stream whose reader takes nothing is destroyed after this, in milliseconds. Default 30,000. */
  readonly undrainedMs: number;
  /** Streams of one key at a time; one more ends the oldest. Default 5. */
  readonly maxPerKey: number;
  /** Readers connect again after {@link RETRY_MS} and a part of this, in milliseconds, so that not all do so at once. Default 2,000. */
  readonly retrySpreadMs: number;
  /** How often streams are looked at, in milliseconds. Default 1,000. */
  readonly tickMs: number;
}

const DEFAULTS: EventStreamsOptions = {
  heartbeatMs: 20_000,
  undrainedMs: 30_000,
  maxPerKey: 5,
  retrySpreadMs: 2_000,
  tickMs: 1_000,
};

/** How long a reader waits at least before it connects again, in milliseconds. */
const RETRY_MS = 2_000;
/** The same for one that had to make room: at once, it would push out the next. */
const CROWDED_RETRY_MS = 60_000;
/** How long {@link EventStreams.close} waits for readers to take the end, in milliseconds. */
const FAREWELL_MS = 100;

/**
 * The event streams of this process, by what they are about: a person, a ticket. They carry hints; the truth is in the database, and
 * whoever opens a stream sends the present state as its first hint. One timer serves all streams.
 */
export class EventStreams {
  private readonly options: EventStreamsOptions;
  private readonly byKey = new Map<string, Set<EventStream>>();
  /** Those that are ending, too. */
  private readonly all = new Set<EventStream>();
  private timer: NodeJS.Timeout | undefined;
  private isClosing = false;

  constructor(options: Partial<EventStreamsOptions> = {}) {
    this.options = { ...DEFAULTS, ...options };
  }

  /** Streams that are open, or end. */
  get size(): number {
    return this.all.size;
  }

  /**
   * Answers a request with a stream. What is said about `key` from now on goes there, so read the present state after this, and send it.
   * @param endsAt when the right to read ends, in milliseconds since 1970
   * @returns null when there is nobody to stream to
   */
  open(key: string, reply: FastifyReply, endsAt: number): EventStream | null {
    const response = beginResponse(reply);
    if (!response) return null;
    const stream: EventStream = new EventStream(response, {
      endsAt,
      lastEventId: lastEventIdOf(reply),
      onEnd: () => this.forget(key, stream),
      onClose: () => this.leave(stream),
    });
    this.all.add(stream);
    this.timer ??= setInterval(() => this.tick(), this.options.tickMs).unref();
    this.admit(key, stream);
    stream.offer(retryFrame(RETRY_MS + Math.floor(Math.random() * this.options.retrySpreadMs)));
    if (this.isClosing) stream.end();
    return stream;
  }

  /** Tells every reader of `key` that has had nothing as new. */
  send(key: string, hint: Hint): void {
    for (const stream of this.byKey.get(key) ?? []) stream.send(hint);
  }

  /** `rev` of the oldest hint that some reader of `key` has as its newest; null without readers. */
  revOf(key: string): number | null {
    const streams = this.byKey.get(key);
    return streams ? Math.min(...[...streams].map(({ rev }) => rev)) : null;
  }

  /** All keys that have readers. */
  get keys(): string[] {
    return [...this.byKey.keys()];
  }

  /** Ends every stream, and cuts those whose readers do not take it. Nobody can open another. */
  async close(): Promise<void> {
    this.isClosing = true;
    for (const stream of [...this.all]) stream.end();
    for (let waited = 0; this.all.size > 0 && waited < FAREWELL_MS; waited += 10) await sleep(10);
    for (const stream of [...this.all]) stream.destroy();
  }

  private admit(key: string, stream: EventStream): void {
    const streams = this.byKey.get(key) ?? new Set();
    this.byKey.set(key, streams.add(stream));
    const [oldest] = streams;
    if (streams.size > this.options.maxPerKey) oldest?.end(retryFrame(CROWDED_RETRY_MS));
  }

  private forget(key: string, stream: EventStream): void {
    const streams = this.byKey.get(key);
    streams?.delete(stream);
    if (streams?.size === 0) this.byKey.delete(key);
  }

  private leave(stream: EventStream): void {
    this.all.delete(stream);
    if (this.all.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private tick(): void {
    for (const stream of this.all) stream.tick(this.options);
  }
}
