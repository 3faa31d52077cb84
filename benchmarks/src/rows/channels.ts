import { randomUUID } from 'node:crypto';
import { startResend } from '@bellhop/local-stack';
import type { Context, Row } from '../row.js';
import { siteOf, URGENT } from '../world/events.js';
import { PushSink } from '../world/push-sink.js';
import { World } from '../world/world.js';
import { delivered } from './delivered.js';

const AWAY_MS = 20;
const SYSTEM = 'crm';
const ALL = ['email', 'push', 'feed'];

export const channels: Row = {
  name: 'channels',
  title: `event → taken by Resend, ${AWAY_MS} ms away, by a push service, and into a feed`,
  async run({ isQuick, measure, progress }: Context) {
    const count = isQuick ? 500 : 5_000;
    const provider = await startResend({ isProcess: true, hasBodies: false, delayMs: AWAY_MS });
    const sink = await PushSink.start();
    const env = { ...sink.settings, INBOUND_SYSTEMS: `${SYSTEM}=${siteOf(SYSTEM)}` };
    const world = await World.start({ apps: ['notifications'], emailUrl: provider.url, env });
    const people = Array.from({ length: count }, () => `p-${randomUUID()}`);
    const overAll = async () => {
      const rate = await delivered(world, count, { ...URGENT, people }, ALL);
      const { length } = await sink.take();
      if (length !== count) throw new Error(`${length} pushes for ${count} people`);
      return rate;
    };
    try {
      await sink.register(world, people);
      progress(`${count} devices`);
      await overAll();
      const { 'mail, push and feed': ours, ...others } = await measure({
        'mail, push and feed': overAll,
        'mail and feed': () => delivered(world, count, URGENT, ALL),
        'mail alone': () => delivered(world, count, { ...URGENT, system: SYSTEM }, ALL),
      });
      return {
        unit: 'mails/s',
        figures: [ours],
        others: Object.values(others),
        notes: [
          'Channels: until the last of each event is recorded. Mail and feed is of people without a device, mail alone of those of an outside system, who have no account with us.',
        ],
      };
    } finally {
      await world.stop();
      await sink.stop();
      await provider.stop();
    }
  },
};
