import { describe, expect, it } from '@jest/globals';
import { matches, Routes } from './routes.js';

describe('matches', () => {
  it.each([
    ['tickets.v1.replied', 'tickets.v1.replied'],
    ['tickets.v1.*', 'tickets.v1.replied'],
    ['*.v1.*', 'tickets.v1.replied'],
    ['tickets.>', 'tickets.v1.replied'],
    ['>', 'tickets'],
    ['inbound.*.tickets.v1.>', 'inbound.crm.tickets.v1.replied'],
    ['inbound.*.>', 'inbound.crm.anything.at.all'],
  ])('%s takes %s', (pattern, subject) => {
    expect(matches(pattern, subject)).toBe(true);
  });

  it.each([
    ['tickets.v1.replied', 'tickets.v1.replied.twice'],
    ['tickets.v1.replied', 'tickets.v1'],
    ['tickets.v1.*', 'tickets.v1'],
    ['tickets.v1.*', 'tickets.v1.a.b'],
    ['tickets.>', 'tickets'],
    ['>.replied', 'tickets.replied'],
    ['tickets.v1.re*', 'tickets.v1.replied'],
    ['Tickets.v1.*', 'tickets.v1.replied'],
    ['inbound.*.tickets.v1.*', 'inbound.crm.erp.tickets.v1.replied'],
  ])('%s does not take %s', (pattern, subject) => {
    expect(matches(pattern, subject)).toBe(false);
  });

  it('takes a narrower pattern for a subject, which tells whether one pattern includes another', () => {
    expect(matches('tickets.>', 'tickets.v1.*')).toBe(true);
    expect(matches('tickets.v1.replied', 'tickets.v1.*')).toBe(false);
    expect(matches('>', '>')).toBe(true);
  });
});

describe('Routes', () => {
  it('gives every handler that matches, in the order they were added, also several of one pattern', () => {
    const routes = new Routes<string>();
    routes.add('tickets.v1.*', 'first');
    routes.add('tickets.v1.*', 'second');
    routes.add('guests.>', 'other');
    routes.add('tickets.v1.replied', 'third');
    expect(routes.match('tickets.v1.replied')).toEqual(['first', 'second', 'third']);
    expect(routes.match('tickets.v1.closed')).toEqual(['first', 'second']);
    expect(routes.match('nothing')).toEqual([]);
    expect(routes.patterns).toEqual(['tickets.v1.*', 'guests.>', 'tickets.v1.replied']);
  });
});
