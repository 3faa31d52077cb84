import { waitFor } from '@bellhop/local-stack';
import { median } from '../report/figures.js';
import type { Context, Figure, Row } from '../row.js';
import { URGENT } from '../world/events.js';
import { SmtpSinkProcess } from '../world/smtp-sink.js';
import { World } from '../world/world.js';
import { delivered } from './delivered.js';
import { goal } from './goal.js';

const AWAY_MS = 200;
const AT_LEAST = 1.6;

export const replicas: Row = {
  name: 'replicas',
  title: `replicas of notifications, a mail server that takes ${AWAY_MS} ms for a mail`,
  async run({ isQuick, measure }: Context) {
    const count = isQuick ? 200 : 600;
    const sink = await SmtpSinkProcess.start(AWAY_MS);
    const world = await World.start({ apps: ['notifications'], emailUrl: sink.url, replicas: 3 });
    const doubles: number[] = [];
    const deliver = async () => {
      const rate = await delivered(world, count, URGENT);
      const { mails, people } = await sink.take();
      doubles.push(mails - people);
      if (people !== count) throw new Error(`${people} of ${count} people got a mail`);
      return rate;
    };
    try {
      await deliver();
      const { three } = await measure({ three: deliver });
      await stop(world, 'notifications-3');
      const { two } = await measure({ two: deliver });
      await stop(world, 'notifications-2');
      const { one } = await measure({ one: deliver });
      const times = (figure: Figure) => median(figure.runs) / median(one.runs);
      return {
        unit: 'mails/s',
        figures: [one, two, three],
        goals: [
          goal(times(two), AT_LEAST, '× one, by two'),
          {
            text: 'nobody told twice',
            reached: `${Math.max(...doubles)} twice`,
            isReached: Math.max(...doubles) === 0,
          },
        ],
        notes: [`Three replicas deliver ${times(three).toFixed(2)} × what one does.`],
      };
    } finally {
      await world.stop();
      await sink.stop();
    }
  },
};

async function stop(world: World, name: string): Promise<void> {
  const app = world.apps.get(name);
  await app?.stop();
  await waitFor(() => app?.exited.then(() => true), { what: `${name} to be gone` });
}
