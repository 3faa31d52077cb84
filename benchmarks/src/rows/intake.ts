import { IntakeFloor } from '../floors/intake-floor.js';
import { median } from '../report/figures.js';
import type { Context, Row } from '../row.js';
import { QUIET } from '../world/events.js';
import { World } from '../world/world.js';
import { goal } from './goal.js';

const AT_LEAST = 10_000;
const AN_HOUR_MS = 3_600_000;

export const intake: Row = {
  name: 'intake',
  title: 'intake: JetStream → committed deliveries',
  async run({ isQuick, measure }: Context) {
    const count = isQuick ? 3_000 : 40_000;
    const world = await World.start({ apps: ['notifications'] });
    try {
      await consume(world, count / 5);
      const floor = await IntakeFloor.prepare(world, await world.spareDatabase(), AN_HOUR_MS);
      const { Bellhop: ours, ...others } = await measure({
        Bellhop: () => consume(world, count),
        'bare loop': () => floor.consume(count),
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

async function consume(world: World, count: number): Promise<number> {
  await world.hold('TICKETS');
  await world.publish(count, QUIET);
  await world.release('TICKETS');
  const startedAt = performance.now();
  await world.untilConsumed('TICKETS');
  return count / ((performance.now() - startedAt) / 1_000);
}
