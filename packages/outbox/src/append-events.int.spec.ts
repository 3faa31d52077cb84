import type { BellhopEvent } from '@bellhop/contracts/events';
import { buildEvent } from '@bellhop/contracts/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { commit, freshDatabase, ledger } from '../test/fixture.js';
import { appendEvents } from './append-events.js';

describe('appendEvents', () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let dataSource: DataSource;

  beforeAll(async () => {
    database = await freshDatabase();
    dataSource = await database.open();
  });
  afterAll(() => database.drop());
  beforeEach(() => dataSource.query('truncate outbox'));

  it('keeps the order of the events, and the JSON that goes on the wire byte for byte', async () => {
    const events = Array.from({ length: 300 }, (_, version) =>
      buildEvent('ticket.replied.v1', { ticket: { version: version + 1 } }),
    );
    await commit(dataSource, ...events);
    const rows = await ledger(dataSource);
    expect(rows.map((row) => row.event_id)).toEqual(events.map((event) => event.id));
    expect(rows.map((row) => JSON.parse(row.data))).toEqual(events);
  });

  it('writes events of several kinds under the subjects of the contract', async () => {
    await commit(
      dataSource,
      buildEvent('ticket.created.v1'),
      buildEvent('notification.dead.v1'),
      buildEvent('guest.address_proven.v1'),
    );
    const rows = await dataSource.query<{ subject: string }[]>('select subject from outbox order by id');
    expect(rows.map((row) => row.subject)).toEqual([
      'tickets.v1.created',
      'notifications.v1.dead',
      'guests.v1.address_proven',
    ]);
  });

  it('leaves nothing behind when the transaction rolls back', async () => {
    const failure = new Error('the rest of the transaction failed');
    const attempt = dataSource.transaction(async (manager) => {
      await appendEvents(manager, [buildEvent('ticket.created.v1')]);
      throw failure;
    });
    await expect(attempt).rejects.toBe(failure);
    expect(await ledger(dataSource)).toEqual([]);
  });

  it('refuses to write outside a transaction, and says what to pass instead', async () => {
    const attempt = appendEvents(dataSource.manager, [buildEvent('ticket.created.v1')]);
    await expect(attempt).rejects.toMatchObject({
      code: 'no_transaction',
      message: expect.stringContaining('dataSource.transaction'),
    });
    await expect(appendEvents(dataSource.manager, [])).rejects.toMatchObject({ code: 'no_transaction' });
  });

  it('writes nothing for no events', async () => {
    await commit(dataSource);
    expect(await ledger(dataSource)).toEqual([]);
  });

  it.each<[string, BellhopEvent, RegExp]>([
    ['a wrong value', buildEvent('ticket.created.v1', { ticket: { version: 0 } }), /data\.ticket\.version/],
    ['a missing field', buildEvent('ticket.replied.v1', { message: undefined }), /data\.message is missing/],
    ['a field of its own invention', withSubjectLine(), /data\.ticket\.subjectLine/],
    [
      'a url, which is for other systems',
      buildEvent('ticket.created.v1', { ticket: { url: 'https://example.com/1' } }),
      /PUBLIC_URL/,
    ],
    ['a subject that is another ticket', buildEvent('ticket.created.v1', {}, { subject: 'other' }), /subject/],
  ])('refuses an event with %s, and those beside it', async (_, event, message) => {
    const attempt = commit(dataSource, buildEvent('ticket.created.v1'), event);
    await expect(attempt).rejects.toMatchObject({ code: 'invalid_own_event', message: expect.stringMatching(message) });
    expect(await ledger(dataSource)).toEqual([]);
  });

  it('refuses an event that readers would refuse for its size', async () => {
    const eventIds = Array.from({ length: 8_000 }, () => 'x'.repeat(40));
    const attempt = commit(dataSource, buildEvent('notification.accepted.v1', { eventIds }));
    await expect(attempt).rejects.toMatchObject({ code: 'event_too_large' });
  });

  function withSubjectLine(): BellhopEvent {
    const event = buildEvent('ticket.created.v1');
    return {
      ...event,
      data: { ...event.data, ticket: { ...event.data.ticket, subjectLine: 'My wallet is empty' } },
    } as BellhopEvent;
  }
});
