import { waitFor } from '@bellhop/local-stack';
import { RelayFloor } from '../floors/relay-floor.js';
import { median } from '../report/figures.js';
import type { Context, Row } from '../row.js';
import { QUIET } from '../world/events.js';
import { fillOutbox } from '../world/outbox.js';
import { World } from '../world/world.js';
import { goal } from './goal.js';

const AT_LEAST = 20_000;

export const relay: Row = {
  name: 'relay',
  title: 'relay: outbox → JetStream, acknowledged and marked',
  async run({ isQuick, measure }: Context) {
    const count = isQuick ? 5_000 : 40_000;
    const world = await World.start({ apps: ['tickets'] });
    try {
      await publishAll(world, count / 5);
      const floor = await RelayFloor.prepare(world);
      const { Bellhop: ours, ...others } = await measure({
        Bellhop: () => publishAll(world, count),
        'bare loop': () => floor.publish(count),
      });
      return {
        unit: 'events/s',
        figures: [ours],
        others: Object.values(others),
        goals: [goal(median(ours.runs), AT_LEAST, 'events/s')],
      };
    } finally {
      await world.stop();
    }
  },
};

/** From the first event stored in the stream until the last one is marked as published. */
async function publishAll(world: World, count: number): Promise<number> {
  const { state: before } = await world.manager.streams.info('TICKETS');
  await fillOutbox(world.pool('tickets'), count, QUIET);
  await waitFor(() => isPublished(world), { timeoutMs: 120_000, what: 'the outbox to be published' });
  const first = await world.manager.streams.getMessage('TICKETS', { seq: before.last_seq + 1 });
  const [last] = await world.rows<{ at: Date }>('tickets', 'select max(published_at) as at from outbox');
  return count / (((last?.at.getTime() ?? 0) - (first?.time.getTime() ?? 0)) / 1_000);
}

async function isPublished(world: World): Promise<boolean> {
  return (await world.count('tickets', 'select count(*) from outbox where published_at is null')) === 0;
}
