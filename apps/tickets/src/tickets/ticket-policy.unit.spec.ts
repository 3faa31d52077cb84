import { describe, expect, it } from '@jest/globals';
import { type Action, may } from './ticket-policy.js';

const OWN: Action[] = ['read', 'answer', 'close', 'reopen', 'see'];
const DESK: Action[] = [
  'read_at_desk',
  'reply',
  'request_information',
  'resolve',
  'note',
  'assign',
  'close_at_desk',
  'reopen_at_desk',
];

const ticket = { requester: { kind: 'user', id: 'ada' }, status: 'open' } as const;
const unverified = { ...ticket, status: 'unverified' } as const;

describe.each(OWN)('%s', (action) => {
  it.each([
    ['its requester', { id: 'ada', isAgent: false }, true],
    ['its requester who is also an agent', { id: 'ada', isAgent: true }, true],
    ['another customer', { id: 'jan', isAgent: false }, false],
    ['an agent', { id: 'mira', isAgent: true }, false],
    ['nobody', null, false],
  ])('for %s', (_who, viewer, allowed) => {
    expect(may(viewer, action, ticket)).toBe(allowed);
  });
});

describe.each(DESK)('%s', (action) => {
  it.each([
    ['its requester', { id: 'ada', isAgent: false }, false],
    ['another customer', { id: 'jan', isAgent: false }, false],
    ['an agent', { id: 'mira', isAgent: true }, true],
    ['nobody', null, false],
  ])('for %s', (_who, viewer, allowed) => {
    expect(may(viewer, action, ticket)).toBe(allowed);
  });

  it('is for nobody before the requester has proven the address', () => {
    expect(may({ id: 'mira', isAgent: true }, action, unverified)).toBe(false);
  });
});
