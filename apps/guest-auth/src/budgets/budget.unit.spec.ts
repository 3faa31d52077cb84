import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bucketOf, LONGEST_WINDOW_SECONDS, limitsOf, type Purpose } from './budget.js';

const settings = { mailsPerNetwork: 30, mailsPerInstance: 1_000, triesPerNetwork: 20, triesPerInstance: 500 };
const same = (a: string, b: string) => bucketOf(a).equals(bucketOf(b));

describe('S2 the budget of an address', () => {
  it.each([
    ['JANA@Example.COM', 'jana@example.com'],
    ['jana+news@example.com', 'jana@example.com'],
    ['jana+a+b@example.com', 'jana+c@example.com'],
    ['jana@münchen.example', 'jana@xn--mnchen-3ya.example'],
    ['Jana+X@MÜNCHEN.example', 'jana@xn--mnchen-3ya.example'],
  ])('S2 is the same for %s and %s', (a, b) => {
    expect(same(a, b)).toBe(true);
  });

  it.each([
    ['jana@example.com', 'jan@example.com'],
    ['jana@example.com', 'jana@example.org'],
    ['j.ana@example.com', 'jana@example.com'],
    ['+jana@example.com', '+jan@example.com'],
    ['jana@a+b.example', 'jana@a.example'],
  ])('is another one for %s and %s', (a, b) => {
    expect(same(a, b)).toBe(false);
  });

  it('S2 no tag and no case makes a new one', () => {
    const tag = fc.stringMatching(/^[a-z0-9+._-]{0,20}$/);
    fc.assert(
      fc.property(tag, fc.boolean(), (text, isUpper) => {
        const address = `jana+${text}@example.com`;
        expect(same(isUpper ? address.toUpperCase() : address, 'jana@example.com')).toBe(true);
      }),
    );
  });
});

describe('limits', () => {
  const perDay = (purpose: Purpose) =>
    limitsOf(purpose, settings).find(({ scope, seconds }) => scope === 'address' && seconds === 86_400)?.max;

  it('let three mails of one purpose go to an address in a quarter of an hour', () => {
    for (const purpose of ['filing', 'link', 'fresh_link'] as const) {
      expect(limitsOf(purpose, settings)).toContainEqual({ scope: 'address', seconds: 900, max: 3 });
    }
  });

  it('let three codes for filing go to it in a day, and ten for links', () => {
    expect([perDay('filing'), perDay('link'), perDay('fresh_link')]).toEqual([3, 10, 10]);
  });

  it('hold for the people of one network, and for all together', () => {
    const others = limitsOf('filing', settings).filter(({ scope }) => scope !== 'address');
    expect(others).toEqual([
      { scope: 'network', seconds: 900, max: 30 },
      { scope: 'wide', seconds: 900, max: 120 },
      { scope: 'widest', seconds: 900, max: 480 },
      { scope: 'instance', seconds: 900, max: 1_000 },
    ]);
  });

  it('S7 of guesses know no address: nobody can lock another out', () => {
    expect(limitsOf('guess', settings)).toEqual([
      { scope: 'network', seconds: 900, max: 20 },
      { scope: 'wide', seconds: 900, max: 80 },
      { scope: 'widest', seconds: 900, max: 320 },
      { scope: 'instance', seconds: 900, max: 500 },
    ]);
  });

  it('look back no longer than spendings are kept', () => {
    const all = (['filing', 'link', 'fresh_link', 'guess'] as const).flatMap((purpose) => limitsOf(purpose, settings));
    expect(Math.max(...all.map(({ seconds }) => seconds))).toBe(LONGEST_WINDOW_SECONDS);
  });
});
