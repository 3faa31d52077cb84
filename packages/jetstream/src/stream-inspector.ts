import {
  type ConsumerConfig,
  type ConsumerInfo,
  DeliverPolicy,
  type JetStreamManager,
  jetstreamManager,
} from '@nats-io/jetstream';
import { isConsumerMissing, isStreamMissing } from './api-errors.js';
import type { NatsLink } from './nats-link.js';

const API_TIMEOUT_MS = 5_000;
/** Fill ratio from which handled events are removed. */
const TRIM_FROM = 0.5;
/** Fewer handled events than this share of the stored ones are not worth a purge. */
const MIN_HANDLED = 0.1;

export interface StreamState {
  /** As the server writes it: the same text as long as it is the same stream. */
  createdAt: string;
  /** Of the oldest message. One above `lastSequence` when the stream is empty. */
  firstSequence: number;
  /** Of the newest message that was ever stored. Purges and `max_age` do not lower it. */
  lastSequence: number;
  /** Durable pull consumers. */
  consumers: ConsumerState[];
}

export interface ConsumerState {
  name: string;
  /** The highest sequence that it has delivered. */
  deliveredSequence: number;
  /** Up to here everything is acknowledged. */
  ackFloor: number;
  /** Config that creates the same consumer again, from the first message on. Plain JSON. */
  blueprint: ConsumerBlueprint;
}

export type ConsumerBlueprint = Partial<ConsumerConfig> & { durable_name: string };

/**
 * The owner's view of a stream: reads its ends and its consumers, rebuilds consumers that are ahead of its end, and removes
 * handled events. Needs the rights of an owner (deploy/nats/bellhop.conf).
 */
export class StreamInspector {
  private connects = 0;
  private manager: { connects: number; manager: JetStreamManager } | null = null;

  constructor(private readonly link: NatsLink) {
    link.watch({
      onConnect: () => {
        this.connects++;
      },
    });
  }

  /** How often NATS was connected. What was read at a lower count may be stale. */
  get connections(): number {
    return this.connects;
  }

  /**
   * @returns null when there is no such stream
   * @throws Error when NATS is disconnected, or does not allow it
   */
  async inspect(stream: string): Promise<StreamState | null> {
    const manager = await this.connectedManager();
    try {
      // Consumers first: in the other order, events stored between the two replies would make a consumer look ahead.
      const consumers: ConsumerState[] = [];
      for await (const info of manager.consumers.list(stream)) consumers.push(...stateOf(info));
      const { created, state } = await manager.streams.info(stream);
      return {
        createdAt: String(created),
        firstSequence: Math.max(state.first_seq, 1),
        lastSequence: state.last_seq,
        consumers,
      };
    } catch (error) {
      if (isStreamMissing(error)) return null;
      throw error;
    }
  }

  /** The id under which the message at this sequence was published; null when there is none, or it had no id. */
  async idAt(stream: string, sequence: number): Promise<string | null> {
    const manager = await this.connectedManager();
    const message = await manager.streams.getMessage(stream, { seq: sequence });
    return message?.header.get('Nats-Msg-Id') || null;
  }

  /**
   * Recreates these consumers, each from the first message on; those at or before `end` stay as they are. Idempotent: one
   * that is missing, because a process crashed between the two steps, is created as well.
   *
   * Deleting cannot be avoided: a server below 2.14 cannot reset a consumer's position, and a name is unique.
   * Acknowledgements meant for the old consumer must not reach the new one: see StreamConsumer.
   */
  async rebuildConsumers(stream: string, end: number, blueprints: readonly ConsumerBlueprint[]): Promise<void> {
    const manager = await this.connectedManager();
    for (const blueprint of blueprints) {
      const name = blueprint.durable_name;
      try {
        const { delivered } = await manager.consumers.info(stream, name);
        if (delivered.stream_seq <= end) continue;
        await manager.consumers.delete(stream, name);
      } catch (error) {
        if (!isConsumerMissing(error)) throw error;
      }
      // failpoint: rollback.consumer_deleted
      await manager.consumers.add(stream, blueprint);
    }
  }

  /**
   * Removes what `consumer` has acknowledged from the beginning of a stream that is at least half full. Nothing is removed for
   * a few events: each purge makes the server rewrite a block. Safe to run concurrently. While the consumer is ahead of its
   * stream nothing is removed: it has not seen what is stored next.
   * @returns how full the stream is then, from 0 to 1
   */
  async trim(stream: string, consumer: string): Promise<number> {
    const manager = await this.connectedManager();
    const { config, state } = await manager.streams.info(stream);
    const fill = config.max_bytes > 0 ? state.bytes / config.max_bytes : 0;
    if (fill < TRIM_FROM) return fill;
    const { ack_floor, delivered } = await manager.consumers.info(stream, consumer);
    const { state: now } = await manager.streams.info(stream);
    const handled = (ack_floor.stream_seq - now.first_seq + 1) / Math.max(now.messages, 1);
    if (delivered.stream_seq > now.last_seq || handled < MIN_HANDLED) return now.bytes / config.max_bytes;
    await manager.streams.purge(stream, { seq: ack_floor.stream_seq + 1 });
    return (await manager.streams.info(stream)).state.bytes / config.max_bytes;
  }

  private async connectedManager(): Promise<JetStreamManager> {
    const { connection } = this.link;
    if (!connection) throw new Error(this.link.problem() ?? 'NATS is disconnected');
    if (this.manager?.connects !== this.connects) {
      const manager = await jetstreamManager(connection, { checkAPI: false, timeout: API_TIMEOUT_MS });
      this.manager = { connects: this.connects, manager };
    }
    return this.manager.manager;
  }
}

/** One entry, or none for a consumer that a person or a push client created. */
function stateOf({ name, config, delivered, ack_floor }: ConsumerInfo): ConsumerState[] {
  if (!config.durable_name || config.deliver_subject) return [];
  const { opt_start_seq: _sequence, opt_start_time: _time, metadata, ...kept } = config;
  // The server writes entries of its own and refuses them in a request.
  const own = Object.entries(metadata ?? {}).filter(([key]) => !key.startsWith('_nats.'));
  const blueprint: ConsumerBlueprint = {
    ...kept,
    durable_name: config.durable_name,
    deliver_policy: DeliverPolicy.All,
    ...(own.length > 0 ? { metadata: Object.fromEntries(own) } : {}),
  };
  return [{ name, deliveredSequence: delivered.stream_seq, ackFloor: ack_floor.stream_seq, blueprint }];
}
