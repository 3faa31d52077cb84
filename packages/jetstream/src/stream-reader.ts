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
 * Reads a stream message by message, without a consumer. Needs the rights `$JS.API.STREAM.INFO.<stream>` and
 * `$JS.API.STREAM.MSG.GET.<stream>`, and changes nothing on the server.
 */
export class StreamReader {
  constructor(
    private readonly link: NatsLink,
    private readonly stream: string,
  ) {}

  /**
   * The sequences of the oldest and the newest message; an empty stream has `first` above `last`.
   * @throws TransientError while NATS does not reply
   */
  async bounds(): Promise<{ first: number; last: number }> {
    const { state }: StreamInfo = await this.read((streams) => streams.info(this.stream));
    return { first: Math.max(state.first_seq, 1), last: state.last_seq };
  }

  /**
   * @returns null when there is no message (any more)
   * @throws TransientError while NATS does not reply
   */
  async get(sequence: number): Promise<StoredMessage | null> {
    const found = await this.read((streams) => streams.getMessage(this.stream, { seq: sequence }));
    if (!found) return null;
    return {
      sequence: found.seq,
      subject: found.subject,
      storedAt: found.time,
      headers: [...(found.header ?? [])],
      data: found.data,
    };
  }

  private async read<T>(
    call: (streams: Awaited<ReturnType<typeof jetstreamManager>>['streams']) => Promise<T>,
  ): Promise<T> {
    const { connection } = this.link;
    if (!connection) throw new TransientError(this.link.problem() ?? 'NATS is disconnected');
    try {
      const { streams } = await jetstreamManager(connection, { checkAPI: false });
      return await call(streams);
    } catch (cause) {
      // An API error is definite, such as a stream that was never provisioned: no retry would help.
      if (cause instanceof JetStreamApiError) throw cause;
      throw new TransientError(`${this.stream} cannot be read: ${describeError(cause)}`, { cause });
    }
  }
}
