import { MAX_EXCERPT_LENGTH } from '@bellhop/contracts/constants';
import { describe, expect, it } from '@jest/globals';
import { encodeCursor } from '../tickets/ticket-cursor.js';
import { excerptOf, partsOf } from './my-list.js';

describe('the beginning of a message', () => {
  it.each([
    ['Hello', 'Hello'],
    ['Dear all,\n\n  it is\tbroken.\r\n', 'Dear all, it is broken.'],
    ['', ''],
    ['x'.repeat(120), 'x'.repeat(120)],
    ['x'.repeat(121), `${'x'.repeat(119)}…`],
    [`${'x'.repeat(118)} yz`, `${'x'.repeat(118)}…`],
    // Not cut within a letter of seven characters.
    [`${'x'.repeat(115)}👩‍👩‍👧 and more`, `${'x'.repeat(115)}…`],
  ])('of %j is one line', (text, excerpt) => {
    expect(excerptOf(text)).toBe(excerpt);
    expect(excerpt.length).toBeLessThanOrEqual(MAX_EXCERPT_LENGTH);
  });
});

describe('the parts of a list', () => {
  const position = { updatedAt: new Date('2026-11-30T08:00:00Z'), id: '0199f3a0-2b1c-4b0a-8c55-6f0d2f7f1a90' };
  const shown = (status: 'open' | 'closed' | undefined, cursor?: string) =>
    partsOf(status, cursor).map((part) => [part.status, part.rank, part.after !== null]);

  it('of open tickets begin with those that wait for the requester', () => {
    expect(shown('open')).toEqual([
      ['unverified', 0, false],
      ['open', 0, false],
      ['waiting', 1, false],
      ['resolved', 0, false],
    ]);
  });

  it('go on within the first part, and begin the second anew', () => {
    expect(shown('open', encodeCursor({ ...position, rank: 1 }))).toEqual([
      ['unverified', 0, false],
      ['open', 0, false],
      ['waiting', 1, true],
      ['resolved', 0, false],
    ]);
  });

  it('have left the first one behind in the second', () => {
    expect(shown('open', encodeCursor(position)).map(([status]) => status)).toEqual(['unverified', 'open', 'resolved']);
  });

  it('of all tickets, and of closed ones, are one', () => {
    expect(new Set(shown(undefined).map(([, rank]) => rank))).toEqual(new Set([0]));
    expect(shown(undefined)).toHaveLength(5);
    expect(shown('closed')).toEqual([['closed', 0, false]]);
  });
});
