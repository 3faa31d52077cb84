import type { TicketEvent } from '@bellhop/contracts/events';
import { buildEvent } from '@bellhop/contracts/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { migratedDatabase } from '../../test/database.js';
import { type Fact, ticketKey } from '../planning/fact.js';
import { type NotificationKey, notificationKey } from './notification-key.js';
import { upsertTickets } from './upsert-tickets.js';

let dataSource: DataSource;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ dataSource, stop } = await migratedDatabase());
});
afterAll(() => stop?.());
afterEach(() => dataSource.query('truncate known_tickets, told'));

type Heard = 'ticket.replied.v1' | 'ticket.seen.v1' | 'ticket.customer_replied.v1';
const fact = (version: number, person: string, type: Heard = 'ticket.replied.v1', system = 'crm', id = 'T'): Fact => ({
  system,
  event: buildEvent(type, { requester: { kind: 'user', id: person }, ticket: { id, version } }) as TicketEvent,
});
const nobody: never[] = [];
const remember = (...facts: Fact[]) => dataSource.transaction((manager) => upsertTickets(manager, facts, nobody));
const rows = () =>
  dataSource.query(
    `select system, ticket_id, version::int, requester_key, seen_version::int as seen, answered_version::int as answered
     from known_tickets order by system, ticket_id`,
  );
const T = { system: 'crm', ticket_id: 'T' };

describe('the read model of a ticket', () => {
  it('has its newest requester, and what that person has seen and answered', async () => {
    const { tickets } = await remember(
      fact(1, 'a'),
      fact(2, 'a', 'ticket.seen.v1'),
      fact(3, 'a', 'ticket.customer_replied.v1'),
    );
    expect(await rows()).toEqual([{ ...T, version: 3, requester_key: 'crm:user:a', seen: 2, answered: 3 }]);
    expect(tickets).toEqual(new Map([[ticketKey({ system: 'crm', ticketId: 'T' }), { seen: 2, answered: 3 }]]));
    await remember(fact(4, 'b'));
    expect(await rows()).toEqual([{ ...T, version: 4, requester_key: 'crm:user:b', seen: 2, answered: 3 }]);
  });

  it('changes only its watermarks by an older fact that comes late', async () => {
    await remember(fact(9, 'b'));
    const { tickets } = await remember(fact(5, 'a', 'ticket.seen.v1'), fact(6, 'a', 'ticket.customer_replied.v1'));
    expect(await rows()).toEqual([{ ...T, version: 9, requester_key: 'crm:user:b', seen: 5, answered: 6 }]);
    expect([...tickets.values()]).toEqual([{ seen: 5, answered: 6 }]);
  });

  it('has watermarks that only grow, in any order of facts', async () => {
    await remember(fact(9, 'a', 'ticket.seen.v1'), fact(8, 'a', 'ticket.customer_replied.v1'));
    await remember(fact(4, 'a', 'ticket.customer_replied.v1'), fact(3, 'a', 'ticket.seen.v1'));
    expect(await rows()).toEqual([expect.objectContaining({ version: 9, seen: 9, answered: 8 })]);
  });

  it('is the same for any order of the facts in a batch', async () => {
    const facts = [
      fact(4, 'b'),
      fact(2, 'a', 'ticket.seen.v1'),
      fact(1, 'a'),
      fact(3, 'a', 'ticket.customer_replied.v1'),
    ];
    await remember(...facts);
    const forward = await rows();
    await dataSource.query('truncate known_tickets');
    await remember(...facts.toReversed());
    expect(await rows()).toEqual(forward);
    expect(forward).toEqual([{ ...T, version: 4, requester_key: 'crm:user:b', seen: 2, answered: 3 }]);
  });

  it('S35 is separate for each system, and keys of people begin with the system', async () => {
    await remember(fact(2, 'u', 'ticket.replied.v1', 'bellhop'));
    const { tickets } = await remember(fact(1_000_000_000, 'u', 'ticket.seen.v1'));
    expect(await rows()).toEqual([
      { system: 'bellhop', ticket_id: 'T', version: 2, requester_key: 'bellhop:user:u', seen: 0, answered: 0 },
      { ...T, version: 1e9, requester_key: 'crm:user:u', seen: 1e9, answered: 0 },
    ]);
    expect([...tickets.keys()]).toEqual([ticketKey({ system: 'crm', ticketId: 'T' })]);
  });

  it('is written by two writers in opposite order without a deadlock', async () => {
    const ids = Array.from({ length: 80 }, (_, index) => `T-${index}`);
    const batch = (order: string[], version: number) =>
      remember(...order.map((id) => fact(version, 'a', 'ticket.seen.v1', 'crm', id)));
    for (let version = 1; version <= 20; version += 1) {
      await Promise.all([batch(ids, version), batch(ids.toReversed(), version)]);
    }
    const known = await rows();
    expect(known).toHaveLength(80);
    expect(new Set(known.map(({ seen }: { seen: number }) => seen))).toEqual(new Set([20]));
  });

  it('is returned with the notified watermarks for each channel', async () => {
    const told = (system: string, ticketId: string, channel: string, version: number) =>
      dataSource.query('insert into told values ($1, $2, $3, $4, $5)', [
        'crm:user:a',
        system,
        ticketId,
        channel,
        version,
      ]);
    await told('crm', 'T', 'email', 4);
    await told('crm', 'other', 'email', 9);
    await told('erp', 'T', 'email', 8);
    await told('crm', 'T', 'push', 7);
    const key = (recipientKey: string, channel: NotificationKey['channel']): NotificationKey => ({
      ...{ recipientKey, system: 'crm', ticketId: 'T', channel },
    });
    const keys = [key('crm:user:a', 'email'), key('crm:user:b', 'email'), key('crm:user:a', 'push')];
    const known = await dataSource.transaction((manager) => upsertTickets(manager, [fact(5, 'a')], keys));
    expect(known.notified).toEqual(
      new Map([
        [notificationKey(key('crm:user:a', 'email')), 4],
        [notificationKey(key('crm:user:a', 'push')), 7],
      ]),
    );
    expect(Math.abs(known.now.getTime() - Date.now())).toBeLessThan(60_000);
  });
});
