import { setTimeout as pause } from 'node:timers/promises';
import { buildEvent } from '@bellhop/contracts/testing';
import {
  type NatsServer,
  type PostgresServer,
  SmtpSink,
  startNats,
  startPostgres,
  waitFor,
} from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Notifier } from './notifier.js';

const EVENTS = 5_000;
const OUTAGE_MS = 120_000;

let sink: SmtpSink;
let postgres: PostgresServer;
let nats: NatsServer;
let notifier: Notifier;

beforeAll(async () => {
  [sink, postgres, nats] = await Promise.all([SmtpSink.start(), startPostgres(), startNats()]);
  const databaseUrl = await postgres.createDatabase();
  notifier = await Notifier.start({ emailUrl: sink.url, databaseUrl, nats });
  await notifier.untilReady();
});

afterAll(async () => {
  await notifier?.stop();
  await Promise.all([postgres?.stop(), nats?.stop(), sink?.close()]);
});

const addressOf = (index: number) => `person${index}@example.com`;

/** Publishes, and repeats what the server did not acknowledge under the same event id. */
async function publishPatiently(from: number, to: number): Promise<void> {
  let left = Array.from({ length: to - from }, (_, offset) =>
    buildEvent('ticket.resolved.v1', {
      requester: { kind: 'user', id: `u-${from + offset}`, email: addressOf(from + offset) },
      ticket: { id: `T-${from + offset}`, url: 'https://crm.example.com/t' },
    }),
  );
  while (left.length > 0) {
    const batch = left.slice(0, 250);
    const outcomes = await notifier.publish(batch, 'crm');
    left = [...batch.filter((_, index) => !outcomes[index]?.ok), ...left.slice(250)];
    await pause(outcomes.every(({ ok }) => ok) ? 20 : 500);
  }
}

async function readiness(): Promise<string> {
  const response = await fetch(`${notifier.app.opsUrl}/readyz`);
  return `${response.status} ${await response.text()}`;
}

describe('Postgres unavailable for two minutes, then NATS, during 5,000 events', () => {
  it('nothing becomes a dead letter, nothing is lost, nobody is notified twice', async () => {
    await publishPatiently(0, 1_000);
    const during = publishPatiently(1_000, 2_500);
    await waitFor(() => sink.mails.length > 50);
    await postgres.pause();
    await waitFor(async () => /^503 .*Postgres/.test(await readiness()), { what: 'readyz to name Postgres' });
    await during;
    await pause(OUTAGE_MS);
    await postgres.resume();
    await notifier.untilReady();

    const later = publishPatiently(2_500, EVENTS);
    await waitFor(() => sink.mails.length > 1_100, { timeoutMs: 60_000 });
    await nats.pause();
    await waitFor(async () => /^503 .*NATS/.test(await readiness()), { what: 'readyz to name NATS' });
    await pause(OUTAGE_MS);
    await nats.resume();
    await later;

    await waitFor(() => new Set(sink.mails.map(({ to }) => to[0])).size === EVENTS, {
      timeoutMs: 120_000,
      what: 'everybody to have a mail',
    });
    await notifier.untilSettled();
    expect(sink.mails).toHaveLength(EVENTS);
    const { rows } = await notifier.database.query('select state, count(*)::int from deliveries group by state');
    expect(rows).toEqual([{ state: 'accepted', count: EVENTS }]);
    expect(await notifier.messagesIn('DEAD_LETTERS')).toBe(0);
  }, 600_000);
});
