import { TICKET_STATUSES } from '@bellhop/contracts/events';
import { describe, expect, it } from '@jest/globals';
import { turnOf } from './turn.js';

const NEEDED = new Date('2026-12-01T14:00:00Z');
const promise = { kind: 'next_answer', at: '2026-12-01T18:00:00.000Z' } as const;

describe('whose turn it is', () => {
  it.each([
    ['unverified', false, null],
    ['open', false, promise.at],
    ['waiting', true, NEEDED.toISOString()],
    ['resolved', false, null],
    ['closed', false, null],
  ] as const)('%s: the requester’s is %s, by %s', (status, isYourTurn, answerBy) => {
    expect(turnOf({ status, promise }, NEEDED)).toEqual({ isYourTurn, answerBy });
  });

  it.each(TICKET_STATUSES)('%s: no time was said', (status) => {
    expect(turnOf({ status, promise: null }, null).answerBy).toBeNull();
  });
});
