import {
  type ConsumerConfig,
  type ConsumerInfo,
  DeliverPolicy,
  type JetStreamManager,
  jetstreamManager,
} from '@nats-io/jetstream';
import type { NatsLink } from './nats-link.js';
import { isConsumerMissing, isStreamMissing } from './server-answers.js';

const API_TIMEOUT_MS = 5_000;
/** From here on, as a part of what a stream may hold, what is handled makes room. */
const CROWDED = 0.5;
/** As a part of the stored events. */
const WORTH_REMOVING = 0.1;

export interface StreamState {
  /** The server's own words: the same text as long as it is the same stream. */
  createdAt: string;
  /** Of the oldest message. One above `lastSequence` when the stream is empty. */
  firstSequence: number;
  /** Of the newest message that was ever stored. Purging and ageing do not lower it. */
  lastSequence: number;
  /** Durable pull consumers. */
  consumers: ConsumerState[];
}

export interface ConsumerState {
  name: string;
  /** The highest sequence that it has handed out. */
  deliveredSequence: number;
  /** Up to here everything is acknowledged. */
  ackFloor: number;
  /** What makes the same consumer again, from the first message on. Plain JSON. */
  blueprint: ConsumerBlueprint;
}

export type ConsumerBlueprint = Partial<ConsumerConfig> & { durable_name: string };

/**
 * What the owner of a stream does to it besides publishing: looks whether it still has what it acknowledged, and builds
 * consumers again that stand ahead of its end. Needs the rights of an owner (deploy/nats/bellhop.conf).
 */
export class StreamKeeper {
  #connections = 0;
  #manager: { connections: number; manager: JetStreamManager } | null = null;

  constructor(private readonly link: NatsLink) {
    link.watch({
      onConnect: () => {
        this.#connections++;
      },
    });
  }

  /** How often NATS was connected. Whoever looked before it grew has to look again. */
  get connections(): number {
    return this.#connections;
  }

  /**
   * @returns null when there is no such stream
   * @throws Error when NATS is away, or does not allow it
   */
  async inspect(stream: string): Promise<StreamState | null> {
    const manager = await this.#managed();
    try {
      // Consumers first: asked the other way round, events that come between the two answers make them look ahead.
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
    const manager = await this.#managed();
    const message = await manager.streams.getMessage(stream, { seq: sequence });
    return message?.header.get('Nats-Msg-Id') || null;
  }

  /**
   * Makes these consumers again, each from the first message on, and leaves alone those that stand at or before `end`.
   * Safe to repeat at any time: one that is missing, because a process died between the two steps, is made as well.
   *
   * There is no way without deleting: a server below 2.14 changes no consumer's position, and takes no second one of the
   * same name. Acknowledgements that were meant for the old one must not reach the new one: see StreamConsumer.
   */
  async rebuildConsumers(stream: string, end: number, blueprints: readonly ConsumerBlueprint[]): Promise<void> {
    const manager = await this.#managed();
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
   * How full a stream is, from 0 to 1, after what `consumer` has acknowledged was removed from its beginning. Nothing is removed
   * from one that is less than half full, nor for the sake of a few events: each time costs the server the rewriting of a block.
   *
   * Safe to run side by side. A consumer that stands ahead of its stream is waited for: it has not seen what is stored next.
   */
  async makeRoom(stream: string, consumer: string): Promise<number> {
    const manager = await this.#managed();
    const { config, state } = await manager.streams.info(stream);
    const fill = config.max_bytes > 0 ? state.bytes / config.max_bytes : 0;
    if (fill < CROWDED) return fill;
    const { ack_floor, delivered } = await manager.consumers.info(stream, consumer);
    const { state: now } = await manager.streams.info(stream);
    const handled = (ack_floor.stream_seq - now.first_seq + 1) / Math.max(now.messages, 1);
    if (delivered.stream_seq > now.last_seq || handled < WORTH_REMOVING) return now.bytes / config.max_bytes;
    await manager.streams.purge(stream, { seq: ack_floor.stream_seq + 1 });
    return (await manager.streams.info(stream)).state.bytes / config.max_bytes;
  }

  async #managed(): Promise<JetStreamManager> {
    const { connection } = this.link;
    if (!connection) throw new Error(this.link.problem() ?? 'NATS is away');
    if (this.#manager?.connections !== this.#connections) {
      const manager = await jetstreamManager(connection, { checkAPI: false, timeout: API_TIMEOUT_MS });
      this.#manager = { connections: this.#connections, manager };
    }
    return this.#manager.manager;
  }
}

/** One entry, or none for what a person or a push client has made. */
function stateOf({ name, config, delivered, ack_floor }: ConsumerInfo): ConsumerState[] {
  if (!config.durable_name || config.deliver_subject) return [];
  const { opt_start_seq: _sequence, opt_start_time: _time, metadata, ...kept } = config;
  // The server writes entries of its own, and refuses them from others.
  const own = Object.entries(metadata ?? {}).filter(([key]) => !key.startsWith('_nats.'));
  const blueprint: ConsumerBlueprint = {
    ...kept,
    durable_name: config.durable_name,
    deliver_policy: DeliverPolicy.All,
    ...(own.length > 0 ? { metadata: Object.fromEntries(own) } : {}),
  };
  return [{ name, deliveredSequence: delivered.stream_seq, ackFloor: ack_floor.stream_seq, blueprint }];
}
