import { setTimeout as pause } from 'node:timers/promises';
import { buildEvent } from '@bellhop/contracts/testing';
import { waitFor } from '@bellhop/local-stack';
import { ratio } from '../report/figures.js';
import type { Context, Row } from '../row.js';
import { SmtpSinkProcess } from '../world/smtp-sink.js';
import { World } from '../world/world.js';
import { limit } from './goal.js';

const SYSTEM = 'crm';
const SITE = 'https://crm.example.com/';
const QUIET_SECONDS = 2;
/** By then the other system's mails are being sent. */
const HEAD_START_MS = 1_000;
const AT_MOST = 2;

type Told = 'replied' | 'resolved';

export const fairness: Row = {
  name: 'fairness',
  title: 'our alert beside a flood of emergencies of another system: event → taken by a mail server',
  async run({ isQuick, measure, progress }: Context) {
    const count = isQuick ? 600 : 6_000;
    const sink = await SmtpSinkProcess.start();
    const env = { INBOUND_SYSTEMS: `${SYSTEM}=${SITE}`, ALERT_QUIET_SECONDS: String(QUIET_SECONDS) };
    const world = await World.start({ apps: ['notifications'], emailUrl: sink.url, env });
    const beside = async (what: Told) => {
      await world.publishEvents(emergencies(count), SYSTEM);
      await pause(HEAD_START_MS);
      const seconds = await tell(world, what);
      const left = await world.undelivered();
      progress(`${left} of ${count} emergencies still waited`);
      if (left === 0)
        throw new Error('The flood was over before our alert was told: there was nothing to be fair about.');
      await world.untilDelivered();
      return seconds;
    };
    try {
      await tell(world, 'resolved');
      const figures = await measure({
        'a reply, idle': () => tell(world, 'replied'),
        'a reply, beside them': () => beside('replied'),
        'a solution, idle': () => tell(world, 'resolved'),
        'a solution, beside them': () => beside('resolved'),
      });
      const times = ratio(figures['a reply, beside them'], figures['a reply, idle']);
      return {
        unit: 's',
        figures: Object.values(figures),
        goals: [limit(times, AT_MOST, 'a reply beside them, × idle,')],
        notes: [
          `${count} emergencies are published within a second, ours a second later. A reply waits ${QUIET_SECONDS} s for more to say, here as under \`npm run up\`; a solution goes at once, so that what is left of its time is the machine itself, shared with the flood.`,
        ],
      };
    } finally {
      await world.stop();
      await sink.stop();
    }
  },
};

function emergencies(count: number) {
  return Array.from({ length: count }, () => {
    const id = crypto.randomUUID();
    return buildEvent('ticket.resolved.v1', {
      ticket: { id, priority: 'emergency', version: 2, url: `${SITE}t/${id}` },
      requester: { kind: 'user', id, email: `${id}@example.test` },
    });
  });
}

/** @returns seconds until it is recorded as accepted */
async function tell(world: World, what: Told): Promise<number> {
  const id = crypto.randomUUID();
  const event = buildEvent(`ticket.${what}.v1`, {
    ticket: { id, version: 2 },
    requester: { kind: 'user', id, email: `${id}@example.test` },
  });
  const startedAt = Date.now();
  await world.publishEvents([event]);
  const settled = async () => {
    const sql = `select settled_at as at from deliveries where channel = 'email' and system = 'bellhop' and ticket_id = $1 and state = 'accepted'`;
    return (await world.rows<{ at: Date }>('notifications', sql, [id]))[0]?.at;
  };
  const at = await waitFor(settled, { timeoutMs: 120_000, what: 'our mail to be taken' });
  return (at.getTime() - startedAt) / 1_000;
}
