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
  /** Streams of one person at a time; one more ends the oldest. Default 5. */
  readonly maxPerPerson: number;
  /** Readers connect again after {@link RETRY_MS} and a part of this, in milliseconds, so that not all do so at once. Default 2,000. */
  readonly retrySpreadMs: number;
  /** How often streams are looked at, in milliseconds. Default 1,000. */
  readonly tickMs: number;
}

const DEFAULTS: EventStreamsOptions = {
  heartbeatMs: 20_000,
  undrainedMs: 30_000,
  maxPerPerson: 5,
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
  private readonly byPerson = new Map<string, Set<EventStream>>();
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
   * @param person who reads, where that is not what the stream is about
   * @returns null when there is nobody to stream to
   */
  open(key: string, reply: FastifyReply, endsAt: number, person = key): EventStream | null {
    const response = beginResponse(reply);
    if (!response) return null;
    const stream: EventStream = new EventStream(response, {
      endsAt,
      lastEventId: lastEventIdOf(reply),
      onEnd: () => {
        remove(this.byKey, key, stream);
        remove(this.byPerson, person, stream);
      },
      onClose: () => this.leave(stream),
    });
    this.all.add(stream);
    this.timer ??= setInterval(() => this.tick(), this.options.tickMs).unref();
    add(this.byKey, key, stream);
    this.admit(person, stream);
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

  /** The streams about `key`, for who has to look at each reader before it is told. */
  of(key: string): EventStream[] {
    return [...(this.byKey.get(key) ?? [])];
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

  private admit(person: string, stream: EventStream): void {
    const streams = add(this.byPerson, person, stream);
    const [oldest] = streams;
    if (streams.size > this.options.maxPerPerson) oldest?.end(retryFrame(CROWDED_RETRY_MS));
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

function add(streams: Map<string, Set<EventStream>>, key: string, stream: EventStream): ReadonlySet<EventStream> {
  const some = streams.get(key) ?? new Set();
  streams.set(key, some.add(stream));
  return some;
}

function remove(streams: Map<string, Set<EventStream>>, key: string, stream: EventStream): void {
  const some = streams.get(key);
  some?.delete(stream);
  if (some?.size === 0) streams.delete(key);
}
