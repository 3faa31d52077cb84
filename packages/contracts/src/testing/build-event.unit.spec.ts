import { describe, expect, it } from '@jest/globals';
import { type EventType, events } from '../events/registry.js';
import { buildEvent } from './build-event.js';

describe('buildEvent', () => {
  it.each(Object.keys(events) as EventType[])('%s is valid by itself', (type) => {
    expect(events[type].safeParse(buildEvent(type)).error).toBeUndefined();
  });

  it('has a fresh id and a fresh ticket each time', () => {
    const built = Array.from({ length: 100 }, () => buildEvent('ticket.replied.v1'));
    expect(new Set(built.map((event) => event.id)).size).toBe(100);
    expect(new Set(built.map((event) => event.data.ticket.id)).size).toBe(100);
  });

  it('lays what is asked for over the rest, at any depth', () => {
    const event = buildEvent(
      'ticket.replied.v1',
      { ticket: { id: '7', version: 5 }, requester: { kind: 'user', id: 'u1' } },
      { id: 'e1' },
    );
    expect(event).toMatchObject({ id: 'e1', subject: '7' });
    expect(event.data.ticket).toMatchObject({ id: '7', version: 5, status: 'open' });
    expect(event.data.requester).toMatchObject({ kind: 'user', id: 'u1', email: 'jana@example.com' });
  });

  it('takes away what is undefined, and lets a test ask for something invalid', () => {
    const event = buildEvent('ticket.replied.v1', { message: undefined });
    expect('message' in event.data).toBe(false);
    expect(events['ticket.replied.v1'].safeParse(event).success).toBe(false);
  });
});
