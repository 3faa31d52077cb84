import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { DataSource } from 'typeorm';
import { migratedDatabase } from '../../test/database.js';
import { ALERTS } from '../planning/alerts.js';
import { type Digest, mergeDigests } from '../planning/digest.js';
import { storeDecisions } from './store-decisions.js';

const MAX_WAIT_MS = 600_000;
const PUSH_MAX_WAIT_MS = 30_000;
/** The rank of each template. */
const RANKS = new Map<string, Digest['rank']>(
  Object.values(ALERTS).flatMap((rule) => (rule === 'nobody' ? [] : [[rule.template, rule.rank] as const])),
);
const START = Date.parse('2026-11-22T10:00:00Z');

let dataSource: DataSource;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ dataSource, stop } = await migratedDatabase());
});
afterAll(() => stop?.());
afterEach(() => dataSource.query('truncate deliveries, decisions, known_tickets'));

/** Stores alerts, each with the decision about one fact. Returns those decisions. */
async function store(alerts: readonly Digest[]): Promise<{ deliveryId: string | null; reason: string | null }[]> {
  const decisions = alerts.map((one) => ({
    system: one.system,
    eventId: randomUUID(),
    eventType: 'ticket.replied.v1',
    recipientKey: one.recipient.key,
    channel: one.channel,
    ticketId: one.ticketId,
    version: one.version,
    reason: null,
    rule: null,
  }));
  await dataSource.transaction((manager) => storeDecisions(manager, alerts, decisions));
  return dataSource.query(
    `select delivery_id as "deliveryId", reason from unnest($1::text[]) with ordinality as e (event_id, place)
     join decisions using (event_id) order by place`,
    [decisions.map(({ eventId }) => eventId)],
  );
}

function alert(over: Partial<Digest> & { version: number }, arrivedSeconds = 0): Digest {
  const template = over.template ?? 'replied';
  const isImmediate = template === 'resolved';
  const arrived = new Date(START + arrivedSeconds * 1000);
  return {
    channel: 'email',
    endpoint: 'u@example.com',
    rank: RANKS.get(template) ?? 1,
    at: undefined,
    system: 'crm',
    ticketId: 'T-1',
    ticketNumber: 'N1',
    ticketUrl: 'https://crm.example.com/1',
    recipient: { key: 'crm:user:u', role: 'requester', kind: 'user', id: 'u', email: 'u@example.com', locale: 'pl' },
    template,
    templateVersion: over.version,
    replies: template === 'replied' ? 1 : 0,
    eventIds: [`e${arrivedSeconds}`],
    priority: 2,
    isImmediate,
    firstAt: arrived,
    dueAt: isImmediate ? arrived : new Date(arrived.getTime() + 120_000),
    latestAt: new Date(arrived.getTime() + (over.channel === 'push' ? PUSH_MAX_WAIT_MS : MAX_WAIT_MS)),
    ...over,
  };
}

/** The one pending row, in the form of the pure rules. */
async function pendingRow() {
  const [row] = await dataSource.query(`select * from deliveries where state = 'pending'`);
  return {
    version: Number(row.version),
    template: row.template,
    templateVersion: Number(row.template_version),
    at: row.at?.toISOString(),
    replies: row.replies,
    eventIds: row.event_ids,
    priority: row.priority,
    isImmediate: row.is_immediate,
    firstAt: row.first_at,
    dueAt: row.due_at,
    endpoint: row.endpoint,
  };
}

const described = (alert: Digest) => ({
  version: alert.version,
  template: alert.template,
  templateVersion: alert.templateVersion,
  at: alert.at,
  replies: alert.replies,
  eventIds: alert.eventIds,
  priority: alert.priority,
  isImmediate: alert.isImmediate,
  firstAt: alert.firstAt,
  dueAt: alert.dueAt,
  endpoint: alert.endpoint,
});

describe('merging into what is pending', () => {
  it('gives the same result in SQL as by the pure rules, for any sequence of facts', async () => {
    const step = fc.record({
      version: fc.integer({ min: 1, max: 6 }),
      template: fc.constantFrom<Digest['template']>(
        'replied',
        'information_requested',
        'resolved',
        'created',
        'promise_missed',
      ),
      afterSeconds: fc.integer({ min: 0, max: 300 }),
      priority: fc.constantFrom(1, 2),
      at: fc.option(fc.constant('2026-11-25T08:00:00.000Z'), { nil: undefined }),
      endpoint: fc.constantFrom('u@example.com', 'new@example.com'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), fc.nat(6), async (steps, answered) => {
        await dataSource.query('truncate deliveries, known_tickets');
        await dataSource.query(`insert into known_tickets values ('crm', 'T-1', 1, 'crm:user:u', 0, $1)`, [answered]);
        let expected: Digest | undefined;
        let seconds = 0;
        for (const { version, template, afterSeconds, priority, at, endpoint } of steps) {
          seconds += afterSeconds;
          const next = alert({ version, template, priority, endpoint, ...(at && { at }) }, seconds);
          const [decision] = await store([next]);
          const result: Digest | null = expected ? mergeDigests(expected, next, answered) : next;
          expect(decision).toEqual(
            result ? { deliveryId: expect.any(String), reason: null } : { deliveryId: null, reason: 'overtaken' },
          );
          expected = result ?? expected;
        }
        expect(await pendingRow()).toEqual(described(expected as Digest));
      }),
      { numRuns: 150 },
    );
  });

  it('keeps one pending row for each person, ticket and channel, and for each system', async () => {
    const other = alert({ version: 1 });
    await store([
      alert({ version: 1 }),
      { ...other, system: 'erp', recipient: { ...other.recipient, key: 'erp:user:u' } },
    ]);
    await store([alert({ version: 2 })]);
    const [{ count }] = await dataSource.query('select count(*)::int as count from deliveries');
    expect(count).toBe(2);
  });

  it('leaves a claimed row alone: the next fact makes a new delivery', async () => {
    await store([alert({ version: 1 })]);
    await dataSource.query(`update deliveries set state = 'leased'`);
    await store([alert({ version: 2 })]);
    const rows = await dataSource.query('select version::int, state from deliveries order by version');
    expect(rows).toEqual([
      { version: 1, state: 'leased' },
      { version: 2, state: 'pending' },
    ]);
  });

  it('lets two writers with the same people in opposite order not deadlock, and loses no event', async () => {
    const people = Array.from({ length: 100 }, (_, index) => index);
    const batch = (round: number, order: number[]) =>
      order.map((person) => {
        const one = alert({ version: round + 1, eventIds: [`e-${person}-${round}-${order[0]}`] });
        return { ...one, recipient: { ...one.recipient, key: `crm:user:${person}` } };
      });
    const writer = async (order: number[]) => {
      for (let round = 0; round < 20; round += 1)
        await store(batch(0, order).map((one) => ({ ...one, eventIds: [`${one.eventIds[0]}-${round}`] })));
    };
    await Promise.all([writer(people), writer([...people].reverse())]);
    const [{ events, rows }] = await dataSource.query(
      'select sum(cardinality(event_ids))::int as events, count(*)::int as rows from deliveries',
    );
    expect({ events, rows }).toEqual({ events: 4_000, rows: 100 });
  });
});
