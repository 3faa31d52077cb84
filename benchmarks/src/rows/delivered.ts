import type { StreamName } from '@bellhop/contracts/streams';
import type { Kind } from '../world/events.js';
import type { World } from '../world/world.js';

/**
 * Publishes so many events while the consumer is paused, and resumes it.
 * @param channels over which each of them is told; default: by mail
 * @returns events per second, until the last one is recorded as told over all of these
 */
export async function delivered(world: World, count: number, kind: Kind, channels?: string[]): Promise<number> {
  const stream: StreamName = kind.system === undefined ? 'TICKETS' : 'INBOUND';
  await world.hold(stream);
  await world.publish(count, kind);
  await world.release(stream);
  const startedAt = Date.now();
  await world.untilConsumed(stream);
  await world.untilDelivered(channels);
  return count / (((await world.lastSettledAt(channels)) - startedAt) / 1_000);
}
