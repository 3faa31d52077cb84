import { consumerName, type ServiceName } from '@bellhop/contracts/streams';
import { pause, unlessAborted } from '@bellhop/waiting';
import type { LoggerService } from '@nestjs/common';
import { isConsumerMissing, isStreamMissing } from './api-errors.js';
import { describeError } from './errors.js';
import type { NatsLink } from './nats-link.js';
import { StreamInspector } from './stream-inspector.js';

const TRIM_EVERY_MS = 2_000;
/** Reported from here on: the publisher will be refused soon. */
const NEARLY_FULL = 0.9;

export interface StreamTrimmerOptions {
  link: NatsLink;
  /** The owner of the streams; its own consumer says what was handled. */
  service: ServiceName;
  streams: readonly string[];
  log: LoggerService;
  /** Default 2,000. */
  trimEveryMs?: number;
}

/**
 * Removes handled events from streams that fill up, so that only waiting events use the capacity of whoever publishes there.
 * Every replica may do it at the same time.
 */
export class StreamTrimmer {
  private readonly inspector: StreamInspector;
  private readonly stopping = new AbortController();
  private readonly problems = new Map<string, string>();
  private readonly fillRatios = new Map<string, number>();
  private loop: Promise<void> | null = null;

  constructor(private readonly options: StreamTrimmerOptions) {
    this.inspector = new StreamInspector(options.link);
  }

  get streams(): readonly string[] {
    return this.options.streams;
  }

  start(): void {
    if (this.options.streams.length > 0) this.loop ??= this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.loop;
  }

  /** A sentence about streams that are nearly full, or cannot be trimmed; null when there is none. */
  problem(): string | null {
    return [...this.problems.values()].join('; ') || null;
  }

  /** Last measured fill ratio of each stream, from 0 to 1, for metrics. */
  get fill(): ReadonlyMap<string, number> {
    return this.fillRatios;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      if (!(await unlessAborted(this.options.link.connected(), signal))) return;
      for (const stream of this.options.streams) await this.trim(stream);
      await pause(this.options.trimEveryMs ?? TRIM_EVERY_MS, signal);
    }
  }

  private async trim(stream: string): Promise<void> {
    try {
      const fill = await this.inspector.trim(stream, consumerName(this.options.service));
      this.fillRatios.set(stream, fill);
      const full = `stream ${stream} is ${Math.floor(fill * 100)} % full of events that wait: NATS will refuse more from those who publish there, and from nobody else`;
      this.report(stream, fill < NEARLY_FULL ? null : full);
    } catch (error) {
      // The link reports a lost connection, and whoever reads a stream reports that it or its consumer is missing.
      if (!this.options.link.connection || isConsumerMissing(error) || isStreamMissing(error)) return;
      this.report(stream, `stream ${stream} cannot be trimmed: ${describeError(error)}`, error);
    }
  }

  private report(stream: string, problem: string | null, error?: unknown): void {
    const hadProblem = this.problems.has(stream);
    if (problem && !hadProblem) this.options.log.warn({ message: problem, error, stream });
    if (problem) this.problems.set(stream, problem);
    else this.problems.delete(stream);
  }
}
