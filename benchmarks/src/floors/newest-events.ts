import { AckPolicy, DeliverPolicy, type JsMsg, jetstream } from '@nats-io/jetstream';
import type { World } from '../world/world.js';

const STREAM = 'TICKETS';
const CONSUMER = 'bare-loop';
const BATCH = 250;
const AHEAD = 1_000;

/** The newest `count` events of the stream, in batches; a batch is acknowledged when the next one is requested. */
export async function* newestEvents(world: World, count: number): AsyncGenerator<JsMsg[]> {
  const { state } = await world.manager.streams.info(STREAM);
  await world.manager.consumers.add(STREAM, {
    durable_name: CONSUMER,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: state.last_seq - count + 1,
    max_ack_pending: 5 * AHEAD,
  });
  const consumer = await jetstream(world.connection).consumers.get(STREAM, CONSUMER);
  const messages = await consumer.consume({ max_messages: AHEAD });
  let batch: JsMsg[] = [];
  let left = count;
  for await (const message of messages) {
    batch.push(message);
    if (batch.length < Math.min(BATCH, left)) continue;
    yield batch;
    for (const one of batch) one.ack();
    left -= batch.length;
    batch = [];
    if (left === 0) break;
  }
  await world.manager.consumers.delete(STREAM, CONSUMER);
}
