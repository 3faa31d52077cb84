import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isAlive, isLongClosed } from './link.js';

const closedAt = new Date('2026-11-01T12:00:00.000Z');
const days = (count: number, ms = 0) => new Date(closedAt.getTime() + count * 24 * 60 * 60 * 1000 + ms);

describe('a link', () => {
  it('lives while its ticket is open, however old that is', () => {
    expect(isAlive({ revokedAt: null, closedAt: null }, days(10_000))).toBe(true);
  });

  it('lives for thirty days after its ticket was closed, to the millisecond', () => {
    const standing = { revokedAt: null, closedAt };
    expect(isAlive(standing, days(0))).toBe(true);
    expect(isAlive(standing, days(30, -1))).toBe(true);
    expect(isAlive(standing, days(30))).toBe(false);
  });

  it('lives again when its ticket is reopened', () => {
    expect(isAlive({ revokedAt: null, closedAt: null }, days(60))).toBe(true);
  });

  it('is dead when it is revoked, whatever its ticket', () => {
    const moment = fc.option(fc.date({ noInvalidDate: true }));
    fc.assert(
      fc.property(moment, fc.date({ noInvalidDate: true }), (closed, now) => {
        expect(isAlive({ revokedAt: closedAt, closedAt: closed }, now)).toBe(false);
      }),
    );
  });

  it('bears a publisher whose clock is ahead of ours', () => {
    expect(isLongClosed(days(1), closedAt)).toBe(false);
  });
});
