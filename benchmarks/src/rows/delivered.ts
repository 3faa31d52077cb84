import type { Kind } from '../world/events.js';
import type { World } from '../world/world.js';

/**
 * So many events wait in the stream; then they may go. Mails per second, from there until the last one was taken by the
 * provider and that was committed.
 */
export async function delivered(world: World, count: number, kind: Kind): Promise<number> {
  await world.hold('TICKETS');
  await world.publish(count, kind);
  await world.release('TICKETS');
  const startedAt = Date.now();
  await world.untilConsumed('TICKETS');
  await world.untilDelivered();
  return count / (((await world.lastSettledAt()) - startedAt) / 1_000);
}
