import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { seededRandom, startResend } from '@bellhop/local-stack';
import { percentile } from '../report/figures.js';
import type { Context, Row } from '../row.js';
import { World } from '../world/world.js';
import { limit } from './goal.js';

const PER_SECOND = 20;
const P50_MS = 25;
const P99_MS = 120;

export const latency: Row = {
  name: 'latency',
  title: `a ticket is committed → its mail reaches Resend, ${PER_SECOND} a second`,
  async run({ isQuick, progress }: Context) {
    const count = PER_SECOND * (isQuick ? 3 : 20);
    const provider = await startResend({ isProcess: true, hasBodies: false });
    const world = await World.start({ apps: ['tickets', 'notifications'], emailUrl: provider.url });
    try {
      await fileAll(world, PER_SECOND * 3);
      await world.untilTold(PER_SECOND * 3);
      const lateMs = await fileAll(world, count);
      await world.untilTold(PER_SECOND * 3 + count);
      const since = await latencies(world, await arrivals(provider));
      const measured = since.slice(-count);
      progress(`${measured.length} mails`);
      const figures = [
        { what: 'p50', runs: [percentile(measured, 0.5)] },
        { what: 'p99', runs: [percentile(measured, 0.99)] },
        { what: 'longest', runs: [Math.max(...measured)] },
      ];
      return {
        unit: 'ms',
        figures,
        goals: [limit(percentile(measured, 0.5), P50_MS, 'p50'), limit(percentile(measured, 0.99), P99_MS, 'p99')],
        notes: [
          `Open loop: tickets are filed at random moments whatever happens to earlier ones (the latest ${lateMs.toFixed(0)} ms after its moment). From the commit of the ticket until the request with its mail has arrived.`,
        ],
      };
    } finally {
      await world.stop();
      await provider.stop();
    }
  },
};

/** @returns the largest delay of a filing, in milliseconds */
async function fileAll(world: World, count: number): Promise<number> {
  const random = seededRandom(7);
  const url = `${world.apps.get('tickets')?.url}/tickets`;
  const answers: Promise<void>[] = [];
  let latestMs = 0;
  // Many people, because nobody gets more than 30 mails an hour. Their tokens are made before the measurement.
  const tokens = Array.from({ length: count }, () => {
    const id = randomUUID();
    return world.issuer.token({ id, email: `${id}@example.test`, locale: 'en', isAgent: false });
  });
  let dueAt = performance.now();
  for (const token of tokens) {
    // Poisson arrivals: independent of each other.
    dueAt += (-Math.log(1 - random()) * 1_000) / PER_SECOND;
    await pause(Math.max(0, dueAt - performance.now()));
    latestMs = Math.max(latestMs, performance.now() - dueAt);
    answers.push(file(url, token));
  }
  await Promise.all(answers);
  return latestMs;
}

async function file(url: string, token: string): Promise<void> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'idempotency-key': randomUUID(),
    },
    body: JSON.stringify({ category: 'trading', subject: 'A question', body: 'Where is it?' }),
  });
  if (answer.status !== 201) throw new Error(`filing a ticket: ${answer.status} ${await answer.text()}`);
}

/** Delivery id → when the request with its mail arrived, in milliseconds since 1970. */
async function arrivals(provider: Awaited<ReturnType<typeof startResend>>): Promise<Map<string, number>> {
  const emails = await provider.emails({ isBrief: true });
  return new Map(emails.map(({ tags, acceptedAt }) => [tags.delivery ?? '', acceptedAt]));
}

/** The latency of every mail, in the order of filing. */
async function latencies(world: World, arrivedAt: ReadonlyMap<string, number>): Promise<number[]> {
  const deliveries = await world.rows<{ id: string; event: string }>(
    'notifications',
    `select id, event_ids[1] as event from deliveries where channel = 'email'`,
  );
  const deliveryOf = new Map(deliveries.map(({ id, event }) => [event, id]));
  const written = await world.rows<{ event: string; at: number }>(
    'tickets',
    `select o.event_id as event, extract(epoch from pg_xact_commit_timestamp(t.xmin))::float8 * 1000 as at
     from outbox o join tickets t on t.id::text = o.data::json #>> '{data,ticket,id}' order by at`,
  );
  return written.map(({ event, at }) => (arrivedAt.get(deliveryOf.get(event) ?? '') ?? Number.NaN) - at);
}
