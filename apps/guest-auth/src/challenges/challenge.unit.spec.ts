import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { checkCode, MAX_TRIES, type TriedChallenge } from './challenge.js';

const first: TriedChallenge = { tries: 1, isExpired: false, isSpent: false, isRepeated: false };

describe('a typed code', () => {
  it('is right', () => {
    expect(checkCode(first, true)).toEqual({ kind: 'right' });
  });

  it('is wrong, and tells how many tries are left', () => {
    const left = [1, 2, 3, 4, 5].map((tries) => checkCode({ ...first, tries }, false));
    expect(left).toEqual([4, 3, 2, 1, 0].map((triesLeft) => ({ kind: 'wrong', triesLeft })));
  });

  it('may be right at the fifth try', () => {
    expect(checkCode({ ...first, tries: 5 }, true)).toEqual({ kind: 'right' });
  });

  it('S7 is worth nothing at the sixth, right as it may be', () => {
    expect(checkCode({ ...first, tries: 6 }, true)).toEqual({ kind: 'gone' });
  });

  it('is worth nothing when it ran out, or was used', () => {
    expect(checkCode({ ...first, isExpired: true }, true)).toEqual({ kind: 'gone' });
    expect(checkCode({ ...first, isSpent: true }, true)).toEqual({ kind: 'gone' });
  });

  it('is right once more for the request that used it', () => {
    const repeated = { ...first, tries: 2, isSpent: true, isRepeated: true };
    expect(checkCode(repeated, true)).toEqual({ kind: 'right' });
    expect(checkCode(repeated, false)).toEqual({ kind: 'wrong', triesLeft: 3 });
    expect(checkCode({ ...repeated, isExpired: true }, true)).toEqual({ kind: 'gone' });
  });

  it('S7 never opens anything after five tries, and no wrong one ever does', () => {
    const challenge = fc.record({
      tries: fc.integer({ min: 1, max: 1_000 }),
      isExpired: fc.boolean(),
      isSpent: fc.boolean(),
      isRepeated: fc.boolean(),
    });
    fc.assert(
      fc.property(challenge, fc.boolean(), (tried, isRight) => {
        const { kind } = checkCode(tried, isRight);
        if (tried.tries > MAX_TRIES || tried.isExpired) expect(kind).toBe('gone');
        if (!isRight) expect(kind).not.toBe('right');
      }),
    );
  });
});
