import { startResend } from '@bellhop/local-stack';
import { ResendFloor } from '../floors/resend-floor.js';
import { median, ratio } from '../report/figures.js';
import type { Context, Figure, Row } from '../row.js';
import { URGENT, URGENT_FOR_GUESTS } from '../world/events.js';
import { World } from '../world/world.js';
import { delivered } from './delivered.js';
import { goal } from './goal.js';
import { RIVALS_NOTE, Rivals, TEXTBOOK } from './rivals.js';

const AWAY_MS = 20;
const AT_LEAST = 3_000;
const TIMES_TEXTBOOK = 10;

export const resend: Row = {
  name: 'resend',
  title: `event → taken by Resend, ${AWAY_MS} ms away`,
  async run({ isQuick, measure, progress }: Context) {
    const count = isQuick ? 1_000 : 10_000;
    const provider = await startResend({ isProcess: true, hasBodies: false, delayMs: AWAY_MS });
    const world = await World.start({ apps: ['notifications'], emailUrl: provider.url });
    const rivals = new Rivals(world, provider, isQuick ? 100 : 600);
    try {
      const floor = await ResendFloor.prepare(world, provider);
      const missing = await rivals.start();
      progress('warming up');
      await delivered(world, count / 5, URGENT);
      const { Bellhop: ours, ...others } = await measure({
        Bellhop: () => delivered(world, count, URGENT),
        'bare loop': () => floor.deliver(count),
        ...rivals.contenders(),
      });
      const textbook = Object.values<Figure>(others).find(({ what }) => what === TEXTBOOK) as Figure;
      return {
        unit: 'mails/s',
        figures: [ours],
        others: Object.values(others),
        goals: [
          goal(median(ours.runs), AT_LEAST, 'mails/s'),
          goal(ratio(ours, textbook), TIMES_TEXTBOOK, '× the textbook stack'),
        ],
        notes: [RIVALS_NOTE, ...missing],
      };
    } finally {
      await rivals.stop();
      await world.stop();
      await provider.stop();
    }
  },
};

export const guests: Row = {
  name: 'guests',
  title: 'the same for guests, each mail with a link from guest-auth',
  async run({ isQuick, measure }: Context) {
    const count = isQuick ? 1_000 : 5_000;
    const provider = await startResend({ isProcess: true, hasBodies: false, delayMs: AWAY_MS });
    const world = await World.start({ apps: ['notifications', 'guest-auth'], emailUrl: provider.url });
    try {
      await delivered(world, count / 5, URGENT_FOR_GUESTS);
      const figures = await measure({ Bellhop: () => delivered(world, count, URGENT_FOR_GUESTS) });
      return { unit: 'mails/s', figures: Object.values(figures) };
    } finally {
      await world.stop();
      await provider.stop();
    }
  },
};
