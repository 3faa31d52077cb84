import { waitFor } from '@bellhop/local-stack';
import type { Context, Row } from '../row.js';
import { QUIET } from '../world/events.js';
import { fillOutbox } from '../world/outbox.js';
import { World } from '../world/world.js';

export const both: Row = {
  name: 'both',
  title: 'relay and intake at once: outbox → committed deliveries',
  async run({ isQuick, measure }: Context) {
    const count = isQuick ? 3_000 : 20_000;
    const world = await World.start({ apps: ['tickets', 'notifications'] });
    try {
      await through(world, count / 5);
      const figures = await measure({ Bellhop: () => through(world, count) });
      return { unit: 'events/s', figures: Object.values(figures) };
    } finally {
      await world.stop();
    }
  },
};

async function through(world: World, count: number): Promise<number> {
  const { state: before } = await world.manager.streams.info('TICKETS');
  await fillOutbox(world.pool('tickets'), count, QUIET);
  const end = before.last_seq + count;
  const isThrough = async () => {
    const { ack_floor: floor } = await world.manager.consumers.info('TICKETS', 'notifications');
    return floor.stream_seq >= end;
  };
  await waitFor(isThrough, { timeoutMs: 120_000, what: 'all events to be committed' });
  const endedAt = Date.now();
  const first = await world.manager.streams.getMessage('TICKETS', { seq: before.last_seq + 1 });
  return count / ((endedAt - (first?.time.getTime() ?? 0)) / 1_000);
}
