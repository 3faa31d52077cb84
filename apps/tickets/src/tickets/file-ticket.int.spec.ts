import type { User } from '@bellhop/contracts/persons';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { migratedDatabase, type TicketsDatabase } from '../../test/database.js';
import { rememberPerson } from '../people/remember-person.js';
import { changeTicket, type TicketCommand } from './change-ticket.js';
import { readConversation } from './conversation.js';
import { fileTicket } from './file-ticket.js';
import { findTicket } from './ticket-store.js';

let database: TicketsDatabase;
const ada: User = { kind: 'user', id: 'ada', email: 'ada@example.com' };
const mira: User = { kind: 'user', id: 'mira', email: 'mira@example.com' };

beforeAll(async () => {
  database = await migratedDatabase();
  await rememberPerson(database.dataSource.manager, ada, false, new Date());
  await rememberPerson(database.dataSource.manager, mira, true, new Date());
});
afterAll(() => database.stop());

const filed = (draw?: () => string) =>
  database.dataSource.transaction((manager) =>
    fileTicket(manager, {
      requester: ada,
      request: { category: 'trading', subject: 'Order stuck', body: 'It has been open for an hour.' },
      files: { ids: [], uploaders: [], maxTicketBytes: 0 },
      now: new Date(),
      ...(draw && { draw }),
    }),
  );

const changed = (ticketId: string, command: Partial<TicketCommand>) =>
  database.dataSource.transaction((manager) =>
    changeTicket(manager, {
      ticketId,
      viewer: { kind: 'user', id: 'mira', isAgent: true },
      action: 'reply',
      as: 'agent',
      command: { type: 'reply' },
      text: { kind: 'message', body: 'We are on it.' },
      ...command,
    }),
  );

const eventsOf = async (ticketId: string) => {
  const rows: { type: string; version: number }[] = await database.dataSource.query(
    `select data::jsonb ->> 'type' as type, (data::jsonb #>> '{data,ticket,version}')::int as version
     from outbox where data::jsonb ->> 'subject' = $1 order by id`,
    [ticketId],
  );
  return rows;
};

describe('filing', () => {
  it('draws another number when one is taken', async () => {
    const { number } = await filed();
    const draws = [number, number, '0000ZZ'];
    expect((await filed(() => draws.shift() as string)).number).toBe('0000ZZ');
    expect(draws).toEqual([]);
  });

  it('fails, and leaves nothing behind, when no number is free', async () => {
    const { number } = await filed();
    const before = await database.dataSource.query('select count(*) from outbox');
    await expect(filed(() => number)).rejects.toMatchObject({ status: 503 });
    expect(await database.dataSource.query('select count(*) from outbox')).toEqual(before);
  });
});

describe('commands on one ticket at once', () => {
  it('are serialised: each has its own version, message and event', async () => {
    const { id } = await filed();
    await Promise.all(Array.from({ length: 9 }, () => changed(id, {})));
    const versions = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    expect((await eventsOf(id)).map((event) => event.version)).toEqual(versions);
    expect((await findTicket(database.dataSource.manager, id))?.ticket.version).toBe(10);
    expect((await readConversation(database.dataSource.manager, id)).messages).toHaveLength(10);
  });

  it('see the result of the one before: of two agents who resolve, one event is published', async () => {
    const { id } = await filed();
    const resolve = { action: 'resolve', command: { type: 'resolve' }, text: undefined } as const;
    await Promise.all([changed(id, resolve), changed(id, resolve)]);
    expect(await eventsOf(id)).toEqual([
      { type: 'ticket.created.v1', version: 1 },
      { type: 'ticket.resolved.v1', version: 2 },
    ]);
  });

  it('leave nothing behind when the rules refuse', async () => {
    const { id } = await filed();
    await changed(id, { action: 'close_at_desk', command: { type: 'close' }, text: undefined });
    await expect(changed(id, {})).rejects.toMatchObject({ status: 409, code: 'ticket_closed' });
    expect((await eventsOf(id)).map((event) => event.type)).toEqual(['ticket.created.v1', 'ticket.closed.v1']);
  });
});

describe('an event', () => {
  it('carries requester and assignee as in their latest tokens', async () => {
    const { id } = await filed();
    const { manager } = database.dataSource;
    await changed(id, { action: 'assign', command: { type: 'assign', agent: mira }, text: undefined });
    const moved: User = { ...ada, email: 'ada@example.org', locale: 'pl', timezone: 'Europe/Warsaw' };
    await rememberPerson(manager, moved, false, new Date());
    await rememberPerson(manager, { ...mira, locale: 'de' }, true, new Date());
    await changed(id, {});
    const [{ data }] = await manager.query(`select data::jsonb -> 'data' as data from outbox order by id desc limit 1`);
    expect(data).toMatchObject({ requester: moved, assignee: { ...mira, locale: 'de' } });
  });
});

describe('reading', () => {
  it('takes one query for the ticket and three for the conversation with its files, however long', async () => {
    const { id } = await filed();
    for (let n = 0; n < 5; n++) await changed(id, {});
    database.statements();
    await findTicket(database.dataSource.manager, id);
    await readConversation(database.dataSource.manager, id);
    expect(database.statements()).toHaveLength(4);
  });
});
