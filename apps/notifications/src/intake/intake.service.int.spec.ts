import type { TicketEvent } from '@bellhop/contracts/events';
import { buildEvent } from '@bellhop/contracts/testing';
import { ErasedPeople, ErasureKeys } from '@bellhop/service';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { migratedDatabase } from '../../test/database.js';
import { emailOver, nobodyErased, readyDatabase, settingsOf } from '../../test/delivery-rows.js';
import { recordStatements } from '../../test/statements.js';
import type { Dispatchers } from '../dispatch/dispatchers.js';
import type { Fact } from '../planning/fact.js';
import { IntakeService } from './intake.service.js';

let dataSource: DataSource;
let stop: () => Promise<void>;
let intake: IntakeService;
/** How often the dispatcher, which is not running here, was woken. */
let rings: number;

beforeAll(async () => {
  ({ dataSource, stop } = await migratedDatabase());
});
afterAll(() => stop?.());
beforeEach(() => {
  rings = 0;
  const bell = { wake: () => (rings += 1) } as unknown as Dispatchers;
  intake = new IntakeService(readyDatabase(dataSource), [emailOver()], bell, settingsOf(), nobodyErased());
});
afterEach(() => dataSource.query('truncate deliveries, decisions, told, known_tickets, inbox'));

type Heard = 'ticket.replied.v1' | 'ticket.resolved.v1' | 'ticket.closed.v1';
interface Told {
  type?: Heard;
  system?: string;
  version?: number;
  id?: string;
  email?: string;
}

function fact(person: string, { type = 'ticket.replied.v1', system = 'crm', version = 2, id, email }: Told = {}): Fact {
  const event = buildEvent(
    type,
    {
      requester: { kind: 'user', id: person, email: email ?? `${person}@example.com` },
      ticket: { id: `T-${person}`, number: 'N1', version, url: 'https://crm.example.com/t' },
    },
    id ? { id } : {},
  );
  return { system, event: event as TicketEvent };
}

const accept = (...facts: Fact[]) => Promise.allSettled(facts.map((one) => intake.accept(one)));
const outcomes = (settled: PromiseSettledResult<unknown>[]) => settled.map(({ status }) => status);
const deliveries = () =>
  dataSource.query(
    `select recipient_key, version::int, replies, event_ids, template from deliveries order by recipient_key, version`,
  );
const decisions = () =>
  dataSource.query(
    `select event_id, system, reason, delivery_id is not null as "hasDelivery" from decisions order by event_id, system`,
  );

describe('S43 a fact from before somebody was erased', () => {
  const AGENT = { kind: 'user', id: 'lead', email: 'Lead@example.com' } as const;
  const at = new Date('2026-11-30T08:00:00Z');
  const assigned = (type: 'ticket.assigned.v1' | 'ticket.customer_replied.v1', time: Date) => {
    const event = buildEvent(type, { assignee: AGENT } as never, { time: time.toISOString() });
    return { system: 'bellhop', event: event as TicketEvent };
  };
  const hearing = (...identities: string[]) => {
    const keys = new ErasureKeys([Buffer.alloc(32, 5)]);
    const people = new ErasedPeople(keys);
    people.replace(identities.map((identity) => ({ id: 'e', personHash: keys.hash(identity), requestedAt: at })));
    const settings = settingsOf({ AGENTS_EMAIL: 'team@example.com' });
    return new IntakeService(
      readyDatabase(dataSource),
      [emailOver()],
      { wake: () => undefined } as unknown as Dispatchers,
      settings,
      people,
    );
  };
  const notifiedKeys = async () =>
    (
      await dataSource.query('select recipient_key from deliveries union select recipient_key from told order by 1')
    ).map((row: { recipient_key: string }) => row.recipient_key);

  it.each([
    ['by address', 'address:lead@example.com'],
    ['by account', 'account:bellhop:lead'],
  ])(
    'S43 does not notify an agent erased %s, leaves no trace of them, and notifies the team instead',
    async (_, identity) => {
      const service = hearing(identity);
      await service.accept(assigned('ticket.assigned.v1', at));
      expect(await notifiedKeys()).toEqual([]);
      await service.accept(assigned('ticket.customer_replied.v1', at));
      expect(await notifiedKeys()).toEqual(['bellhop:team']);
      // A person who comes back is a new one.
      await service.accept(assigned('ticket.assigned.v1', new Date(at.getTime() + 1)));
      expect(await notifiedKeys()).toEqual(['bellhop:agent:lead', 'bellhop:team']);
    },
  );

  it('S43 notifies an agent of another account', async () => {
    await hearing('account:crm:lead').accept(assigned('ticket.assigned.v1', at));
    expect(await notifiedKeys()).toEqual(['bellhop:agent:lead']);
  });
});

describe('accepting facts', () => {
  it('rejects only the fact that cannot be stored: the others of its batch are stored, and it leaves no trace', async () => {
    const good = Array.from({ length: 6 }, (_, index) => fact(`good-${index}`));
    // The contract refuses NUL, and Postgres cannot store it.
    const bad = fact('bad', { email: 'a\0b@example.com' });
    const settled = await accept(...good.slice(0, 3), bad, ...good.slice(3));
    expect(outcomes(settled)).toEqual([...Array(3).fill('fulfilled'), 'rejected', ...Array(3).fill('fulfilled')]);
    expect((await deliveries()).map((row: { recipient_key: string }) => row.recipient_key)).toEqual(
      good.map((_, index) => `crm:user:good-${index}`),
    );
    const inbox: { event_id: string }[] = await dataSource.query('select event_id from inbox');
    expect(inbox.map((row) => row.event_id).sort()).toEqual(good.map(({ event }) => event.id).sort());
    expect(await dataSource.query(`select 1 from known_tickets where ticket_id = 'T-bad'`)).toEqual([]);
    // So it is no duplicate when it comes again without the mistake.
    await intake.accept(fact('bad', { id: bad.event.id }));
    expect(await deliveries()).toHaveLength(7);
  });

  it('S33 decides once about a fact that comes many times, in one batch or later', async () => {
    const replied = fact('u');
    const other = fact('u', { version: 3 });
    const settled = await accept(replied, replied, other, replied, other, replied);
    expect(outcomes(settled)).toEqual(Array(6).fill('fulfilled'));
    const once = [
      {
        recipient_key: 'crm:user:u',
        version: 3,
        replies: 2,
        event_ids: [replied.event.id, other.event.id],
        template: 'replied',
      },
    ];
    expect(await deliveries()).toEqual(once);
    expect(await decisions()).toHaveLength(2);
    await accept(other, replied);
    expect(await deliveries()).toEqual(once);
    await dataSource.query(`update deliveries set state = 'accepted'`);
    await accept(replied, other);
    expect(await deliveries()).toEqual(once);
  });

  it('S35 takes one event id of two systems for two events', async () => {
    await accept(fact('u', { id: 'one' }), fact('u', { id: 'one', system: 'erp' }));
    expect((await deliveries()).map((row: { recipient_key: string }) => row.recipient_key)).toEqual([
      'crm:user:u',
      'erp:user:u',
    ]);
    expect(await decisions()).toEqual([
      { event_id: 'one', system: 'crm', reason: null, hasDelivery: true },
      { event_id: 'one', system: 'erp', reason: null, hasDelivery: true },
    ]);
  });

  it('decides about the facts of one batch in the order of arrival, also when they overtake each other', async () => {
    await accept(fact('u', { version: 5, id: 'newer' }), fact('u', { version: 4, id: 'older' }));
    expect(await deliveries()).toEqual([expect.objectContaining({ version: 5, replies: 1, event_ids: ['newer'] })]);
    expect(await decisions()).toEqual([
      { event_id: 'newer', system: 'crm', reason: null, hasDelivery: true },
      { event_id: 'older', system: 'crm', reason: 'overtaken', hasDelivery: false },
    ]);
  });

  it('wakes the dispatcher only for what is due at once', async () => {
    await accept(fact('waits'), fact('quiet', { type: 'ticket.closed.v1' }));
    expect(rings).toBe(0);
    const solution = fact('now', { type: 'ticket.resolved.v1' });
    await accept(solution);
    expect(rings).toBe(1);
    await accept(solution);
    expect(rings).toBe(1);
  });

  it('wakes the dispatcher of a channel that waits for nothing more with every alert', async () => {
    const bell = { wake: () => (rings += 1) } as unknown as Dispatchers;
    const atOnce = Object.assign(emailOver(), { digestWindow: { quietMs: 0, maxWaitMs: 0 } });
    const eager = new IntakeService(readyDatabase(dataSource), [atOnce], bell, settingsOf(), nobodyErased());
    await eager.accept(fact('ada'));
    expect(rings).toBe(1);
  });

  it('stores a decision and no delivery when nobody is notified of a fact', async () => {
    await accept(fact('u', { type: 'ticket.closed.v1', id: 'closed' }));
    expect(await decisions()).toEqual([
      { event_id: 'closed', system: 'crm', reason: 'nobody_hears', hasDelivery: false },
    ]);
    expect(await deliveries()).toEqual([]);
  });

  it.each([1, 200])('costs the same five statements for a commit of %i', async (count) => {
    // All of one ticket, since two lanes would be two commits.
    const facts = Array.from({ length: count }, (_, index) => fact('u', { version: index + 2 }));
    const statements = recordStatements(dataSource);
    expect(outcomes(await accept(...facts))).toEqual(Array(count).fill('fulfilled'));
    expect(statements).toEqual([
      'start transaction',
      'insert into inbox',
      'insert into known_tickets',
      'insert into deliveries, insert into decisions',
      'commit',
    ]);
    expect(await deliveries()).toEqual([expect.objectContaining({ replies: count })]);
  });

  it('keeps the order of the facts of a ticket among those of others', async () => {
    const versions = Array.from({ length: 600 }, (_, index) => index + 2);
    const others = (version: number) => fact(`other-${version}`);
    await accept(...versions.flatMap((version) => [fact('u', { version }), others(version)]));
    const [{ count }] = await dataSource.query(`select count(*)::int from decisions where reason = 'overtaken'`);
    expect(count).toBe(0);
    expect(
      (await deliveries()).find(({ recipient_key: key }: { recipient_key: string }) => key === 'crm:user:u'),
    ).toMatchObject({
      replies: 600,
      version: 601,
    });
  });
});
