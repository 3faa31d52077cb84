import { describe, expect, it } from '@jest/globals';
import { LONGEST_WINDOW_SECONDS, limitsOf, type Purpose } from './budget.js';

const settings = { mailsPerNetwork: 30, mailsPerInstance: 1_000, triesPerNetwork: 20, triesPerInstance: 500 };

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

  it('S42 let twice as much go to all addresses that may be one mailbox', () => {
    const ofScope = (scope: string) => limitsOf('filing', settings).filter((limit) => limit.scope === scope);
    expect(ofScope('stem')).toEqual(
      ofScope('address').map((limit) => ({ ...limit, scope: 'stem', max: limit.max * 2 })),
    );
  });

  it('hold for the people of one domain and of one network, and for all together', () => {
    const others = limitsOf('filing', settings).filter(({ scope }) => scope !== 'address' && scope !== 'stem');
    expect(others).toEqual([
      { scope: 'domain', seconds: 900, max: 30 },
      { scope: 'domain', seconds: 86_400, max: 120 },
      { scope: 'narrow', seconds: 900, max: 30 },
      { scope: 'network', seconds: 900, max: 60 },
      { scope: 'wide', seconds: 900, max: 120 },
      { scope: 'widest', seconds: 900, max: 480 },
      { scope: 'instance', seconds: 900, max: 1_000 },
    ]);
  });

  it('S7 of guesses know no address: nobody can lock another out', () => {
    expect(limitsOf('guess', settings)).toEqual([
      { scope: 'narrow', seconds: 900, max: 20 },
      { scope: 'network', seconds: 900, max: 40 },
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
