import { consumerName, type ServiceName } from '@bellhop/contracts/streams';
import { pause, unlessAborted } from '@bellhop/waiting';
import type { LoggerService } from '@nestjs/common';
import { describeError } from './errors.js';
import type { NatsLink } from './nats-link.js';
import { isConsumerMissing, isStreamMissing } from './server-answers.js';
import { StreamKeeper } from './stream-keeper.js';

const LOOK_EVERY_MS = 2_000;
/** Told from here on: the publisher is refused soon. */
const NEARLY_FULL = 0.9;

export interface RoomKeeperOptions {
  link: NatsLink;
  /** The owner of the streams; its own consumer says what was handled. */
  service: ServiceName;
  streams: readonly string[];
  log: LoggerService;
  /** Default 2,000. */
  lookEveryMs?: number;
}

/**
 * Removes events that were handled from streams that fill up, so that only what still waits counts against the share of whoever
 * publishes there. Every replica may do it at the same time.
 */
export class RoomKeeper {
  readonly #keeper: StreamKeeper;
  readonly #stopping = new AbortController();
  readonly #problems = new Map<string, string>();
  readonly #fill = new Map<string, number>();
  #loop: Promise<void> | null = null;

  constructor(private readonly options: RoomKeeperOptions) {
    this.#keeper = new StreamKeeper(options.link);
  }

  get streams(): readonly string[] {
    return this.options.streams;
  }

  start(): void {
    if (this.options.streams.length > 0) this.#loop ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  /** A sentence about streams that are nearly full, or cannot be looked after; null when there is none. */
  problem(): string | null {
    return [...this.#problems.values()].join('; ') || null;
  }

  /** How full each stream was when last looked at, from 0 to 1, for metrics. */
  get fill(): ReadonlyMap<string, number> {
    return this.#fill;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      if (!(await unlessAborted(this.options.link.connected(), signal))) return;
      for (const stream of this.options.streams) await this.#look(stream);
      await pause(this.options.lookEveryMs ?? LOOK_EVERY_MS, signal);
    }
  }

  async #look(stream: string): Promise<void> {
    try {
      const fill = await this.#keeper.makeRoom(stream, consumerName(this.options.service));
      this.#fill.set(stream, fill);
      const full = `stream ${stream} is ${Math.floor(fill * 100)} % full of events that wait: NATS will refuse more from those who publish there, and from nobody else`;
      this.#report(stream, fill < NEARLY_FULL ? null : full);
    } catch (error) {
      // While NATS is away, others say so. A stream or consumer that is missing is told by whoever reads it.
      if (!this.options.link.connection || isConsumerMissing(error) || isStreamMissing(error)) return;
      this.#report(stream, `no room can be made in stream ${stream}: ${describeError(error)}`);
    }
  }

  #report(stream: string, problem: string | null): void {
    const hadProblem = this.#problems.has(stream);
    if (problem && !hadProblem) this.options.log.warn(problem);
    if (problem) this.#problems.set(stream, problem);
    else this.#problems.delete(stream);
  }
}
