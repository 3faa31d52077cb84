import { startResend } from '@bellhop/local-stack';
import type { Context, Row } from '../row.js';
import { URGENT } from '../world/events.js';
import { fillOutbox } from '../world/outbox.js';
import { World } from '../world/world.js';

const AWAY_MS = 20;

export const crowd: Row = {
  name: 'crowd',
  title: 'one incident is over, 10,000 people hear of it: commit → last mail taken',
  async run({ isQuick, measure }: Context) {
    const people = isQuick ? 500 : 10_000;
    const provider = await startResend({ isProcess: true, hasBodies: false, delayMs: AWAY_MS });
    const world = await World.start({ apps: ['tickets', 'notifications'], emailUrl: provider.url });
    const tell = async (count: number) => {
      const before = await world.told();
      const startedAt = Date.now();
      await fillOutbox(world.pool('tickets'), count, URGENT);
      await world.untilTold(before + count);
      return ((await world.lastSettledAt()) - startedAt) / 1_000;
    };
    try {
      await tell(people / 5);
      const figures = await measure({ Bellhop: () => tell(people) });
      return {
        unit: 's',
        figures: Object.values(figures),
        notes: [
          'An event is about one ticket, so "one event, 10,000 people" is 10,000 tickets resolved in one transaction; writing them is part of the time.',
        ],
      };
    } finally {
      await world.stop();
      await provider.stop();
    }
  },
};
