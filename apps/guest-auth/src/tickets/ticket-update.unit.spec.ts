import { buildEvent } from '@bellhop/contracts/testing';
import { describe, expect, it } from '@jest/globals';
import { mergeUpdates, type TicketUpdate, ticketUpdateOf } from './ticket-update.js';

const guest = { kind: 'guest', email: 'jana@example.com', locale: 'pl', id: undefined, timezone: undefined } as never;

describe('what an event tells of a ticket', () => {
  it('is its number, the language of its guest, and that it is open', () => {
    const event = buildEvent('ticket.replied.v1', { ticket: { id: 'T', number: 'A1', version: 4 }, requester: guest });
    expect(ticketUpdateOf(event)).toEqual({
      ticketId: 'T',
      number: 'A1',
      locale: 'pl',
      version: 4,
      closedAt: null,
      isCertain: true,
    });
  });

  it('is when it was closed', () => {
    const event = buildEvent(
      'ticket.closed.v1',
      { ticket: { status: 'closed' }, requester: guest },
      { time: '2026-11-22T10:00:00+01:00' },
    );
    expect(ticketUpdateOf(event)).toMatchObject({ closedAt: new Date('2026-11-22T09:00:00Z'), isCertain: true });
  });

  it('is that it is closed by now, when something else happened after that', () => {
    const event = buildEvent('ticket.seen.v1', { ticket: { status: 'closed' }, requester: guest });
    expect(ticketUpdateOf(event)).toMatchObject({ closedAt: new Date(event.time), isCertain: false });
  });

  it('is nothing for somebody with an account, who needs no link', () => {
    const requester = { kind: 'user', id: 'ada', email: 'ada@example.com' } as const;
    expect(ticketUpdateOf(buildEvent('ticket.closed.v1', { requester }))).toBeNull();
  });
});

describe('what several events tell of a ticket', () => {
  const at = (hour: number) => new Date(Date.UTC(2026, 10, 22, hour));
  const open: TicketUpdate = { ticketId: 'T', number: 'A1', locale: 'pl', version: 1, closedAt: null, isCertain: true };
  const closing = { ...open, version: 2, closedAt: at(9), isCertain: true };
  const seen = { ...open, version: 3, locale: null, closedAt: at(10), isCertain: false };
  it.each<[string, TicketUpdate[], Partial<TicketUpdate>]>([
    ['the newest, whatever came last', [closing, open], { version: 2, closedAt: at(9) }],
    ['since when it was closed by the event that closed it', [closing, seen], { closedAt: at(9), isCertain: true }],
    ['that it is closed by then, when that event is missing', [open, seen], { closedAt: at(10), isCertain: true }],
    ['no more than one of them when only that one is there', [seen], { closedAt: at(10), isCertain: false }],
    [
      'that it is open again',
      [closing, seen, { ...open, version: 4 }],
      { version: 4, closedAt: null, isCertain: true },
    ],
    ['the first of two that contradict each other', [closing, { ...closing, number: 'B2' }], { number: 'A1' }],
    ['the language that somebody told of', [open, { ...seen, version: 5 }], { version: 5, locale: 'pl' }],
  ])('is %s', (_, updates, expected) => {
    expect(mergeUpdates(updates)).toEqual([expect.objectContaining(expected)]);
  });

  it('is said of each ticket', () => {
    expect(mergeUpdates([open, { ...open, ticketId: 'U' }]).map(({ ticketId }) => ticketId)).toEqual(['T', 'U']);
  });
});
