import { buildEvent } from '@bellhop/contracts/testing';
import { describe, expect, it } from '@jest/globals';
import { latestFacts, type TicketFact, ticketFactOf } from './ticket-fact.js';

const guest = { kind: 'guest', email: 'jana@example.com', locale: 'pl', id: undefined, timezone: undefined } as never;

describe('what an event tells of a ticket', () => {
  it('is its number, the language of its guest, and that it is open', () => {
    const event = buildEvent('ticket.replied.v1', { ticket: { id: 'T', number: 'A1', version: 4 }, requester: guest });
    expect(ticketFactOf(event)).toEqual({
      ticketId: 'T',
      number: 'A1',
      locale: 'pl',
      version: 4,
      closedAt: null,
      isSure: true,
    });
  });

  it('is when it was closed', () => {
    const event = buildEvent(
      'ticket.closed.v1',
      { ticket: { status: 'closed' }, requester: guest },
      { time: '2026-11-22T10:00:00+01:00' },
    );
    expect(ticketFactOf(event)).toMatchObject({ closedAt: new Date('2026-11-22T09:00:00Z'), isSure: true });
  });

  it('is that it is closed by now, when something else happened after that', () => {
    const event = buildEvent('ticket.seen.v1', { ticket: { status: 'closed' }, requester: guest });
    expect(ticketFactOf(event)).toMatchObject({ closedAt: new Date(event.time), isSure: false });
  });

  it('is nothing for somebody with an account, who needs no link', () => {
    const requester = { kind: 'user', id: 'ada', email: 'ada@example.com' } as const;
    expect(ticketFactOf(buildEvent('ticket.closed.v1', { requester }))).toBeNull();
  });
});

describe('what several events tell of a ticket', () => {
  const at = (hour: number) => new Date(Date.UTC(2026, 10, 22, hour));
  const open: TicketFact = { ticketId: 'T', number: 'A1', locale: 'pl', version: 1, closedAt: null, isSure: true };
  const closing = { ...open, version: 2, closedAt: at(9), isSure: true };
  const seen = { ...open, version: 3, locale: null, closedAt: at(10), isSure: false };
  it.each<[string, TicketFact[], Partial<TicketFact>]>([
    ['the newest, whatever came last', [closing, open], { version: 2, closedAt: at(9) }],
    ['since when it was closed by the event that closed it', [closing, seen], { closedAt: at(9), isSure: true }],
    ['that it is closed by then, when that event is missing', [open, seen], { closedAt: at(10), isSure: true }],
    ['no more than one of them when only that one is there', [seen], { closedAt: at(10), isSure: false }],
    ['that it is open again', [closing, seen, { ...open, version: 4 }], { version: 4, closedAt: null, isSure: true }],
    ['the first of two that contradict each other', [closing, { ...closing, number: 'B2' }], { number: 'A1' }],
    ['the language that somebody told of', [open, { ...seen, version: 5 }], { version: 5, locale: 'pl' }],
  ])('is %s', (_, facts, expected) => {
    expect(latestFacts(facts)).toEqual([expect.objectContaining(expected)]);
  });

  it('is said of each ticket', () => {
    expect(latestFacts([open, { ...open, ticketId: 'U' }]).map(({ ticketId }) => ticketId)).toEqual(['T', 'U']);
  });
});
