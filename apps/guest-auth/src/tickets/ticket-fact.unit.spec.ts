import { buildEvent } from '@bellhop/contracts/testing';
import { describe, expect, it } from '@jest/globals';
import { ticketFactOf } from './ticket-fact.js';

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
      isClosing: false,
    });
  });

  it('is when it was closed', () => {
    const event = buildEvent(
      'ticket.closed.v1',
      { ticket: { status: 'closed' }, requester: guest },
      { time: '2026-11-22T10:00:00+01:00' },
    );
    expect(ticketFactOf(event)).toMatchObject({ closedAt: new Date('2026-11-22T09:00:00Z'), isClosing: true });
  });

  it('is that it is closed by now, when something else happened after that', () => {
    const event = buildEvent('ticket.seen.v1', { ticket: { status: 'closed' }, requester: guest });
    expect(ticketFactOf(event)).toMatchObject({ closedAt: new Date(event.time), isClosing: false });
  });

  it('is nothing for somebody with an account, who needs no link', () => {
    const requester = { kind: 'user', id: 'ada', email: 'ada@example.com' } as const;
    expect(ticketFactOf(buildEvent('ticket.closed.v1', { requester }))).toBeNull();
  });
});
