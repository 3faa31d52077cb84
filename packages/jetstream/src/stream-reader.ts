import { TransientError } from '@bellhop/waiting';
import { JetStreamApiError, jetstreamManager, type StreamInfo } from '@nats-io/jetstream';
import { describeError } from './errors.js';
import type { NatsLink } from './nats-link.js';

/** A message as a stream keeps it. */
export interface StoredMessage {
  readonly sequence: number;
  readonly subject: string;
  readonly storedAt: Date;
  /** Every header with all its values, in their order. */
  readonly headers: readonly (readonly [string, readonly string[]])[];
  readonly data: Uint8Array;
}

/**
 * Looks into a stream, message by message, without a consumer: needs the rights `$JS.API.STREAM.INFO.<stream>` and
 * `$JS.API.STREAM.MSG.GET.<stream>` and leaves no trace. A batched get came with 2.11, so many are asked for side by side.
 */
export class StreamReader {
  constructor(
    private readonly link: NatsLink,
    private readonly stream: string,
  ) {}

  /**
   * The sequences of the oldest and the newest message; an empty stream has `first` above `last`.
   * @throws TransientError while NATS does not answer
   */
  async bounds(): Promise<{ first: number; last: number }> {
    const { state }: StreamInfo = await this.#ask((streams) => streams.info(this.stream));
    return { first: Math.max(state.first_seq, 1), last: state.last_seq };
  }

  /**
   * @returns null where nothing is (any more)
   * @throws TransientError while NATS does not answer
   */
  async get(sequence: number): Promise<StoredMessage | null> {
    const found = await this.#ask((streams) => streams.getMessage(this.stream, { seq: sequence }));
    if (!found) return null;
    return {
      sequence: found.seq,
      subject: found.subject,
      storedAt: found.time,
      headers: [...(found.header ?? [])],
      data: found.data,
    };
  }

  async #ask<T>(
    question: (streams: Awaited<ReturnType<typeof jetstreamManager>>['streams']) => Promise<T>,
  ): Promise<T> {
    const { connection } = this.link;
    if (!connection) throw new TransientError(this.link.problem() ?? 'NATS is away');
    try {
      const { streams } = await jetstreamManager(connection, { checkAPI: false });
      return await question(streams);
    } catch (cause) {
      // The server's own word is worth more than "later": a stream that was never provisioned, say.
      if (cause instanceof JetStreamApiError) throw cause;
      throw new TransientError(`${this.stream} cannot be read: ${describeError(cause)}`, { cause });
    }
  }
}
