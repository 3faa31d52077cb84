import { describe, expect, it } from '@jest/globals';
import { dateOf, deadlineOf, momentOf } from './moment.js';

const reader = (dates: string, timeZone = 'Europe/Warsaw') => ({
  dates,
  timeZone,
  now: new Date('2026-11-30T12:00:00Z'),
});

describe('a moment', () => {
  it.each([
    ['2026-11-30T08:12:00Z', 'en-GB', '09:12'],
    ['2026-11-29T15:20:00Z', 'en-GB', 'yesterday, 16:20'],
    ['2026-11-29T23:30:00Z', 'en-GB', '00:30'],
    ['2026-12-03T13:00:00Z', 'en-GB', 'Thu 3 Dec, 14:00'],
    ['2026-11-03T13:00:00Z', 'en-GB', '3 Nov, 14:00'],
    ['2025-11-28T08:00:00Z', 'en-GB', '28 Nov 2025, 09:00'],
    ['2026-11-29T15:20:00Z', 'de-DE', 'gestern, 16:20'],
    ['2026-11-29T15:20:00Z', 'pl-PL', 'wczoraj, 16:20'],
    ['2026-11-29T15:20:00Z', 'zh-CN', '昨天, 16:20'],
  ])('%s is said in %s as "%s"', (iso, dates, said) => {
    expect(momentOf(iso, reader(dates))).toBe(said);
  });

  it('is on the day of the reader, not of the server', () => {
    const iso = '2026-12-01T01:00:00Z';
    expect(deadlineOf(iso, reader('en-GB', 'America/New_York'))).toBe('today, 20:00');
    expect(deadlineOf(iso, reader('en-GB'))).toBe('tomorrow, 02:00');
  });

  it('may be only a day', () => {
    expect(dateOf('2026-11-20T12:00:00Z', reader('en-GB'))).toBe('20 Nov');
  });
});
