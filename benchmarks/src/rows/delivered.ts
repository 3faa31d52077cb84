import type { Kind } from '../world/events.js';
import type { World } from '../world/world.js';

/**
 * Publishes so many events while the consumer is paused, and resumes it. @returns mails per second, until the last one is recorded as
 * accepted
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
