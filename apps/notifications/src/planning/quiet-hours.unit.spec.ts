import { type QuietHours, WEEKDAYS } from '@bellhop/contracts/http';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { quietUntil } from './quiet-hours.js';

const NIGHT: QuietHours = { from: '22:00', to: '07:00', days: [...WEEKDAYS] };
const BERLIN = 'Europe/Berlin';
const until = (hours: QuietHours, zone: string, at: string) =>
  quietUntil(hours, zone, new Date(at))?.toISOString() ?? null;

describe('quiet hours in winter', () => {
  it.each([
    ['before they begin', '2026-11-23T21:59:59+01:00', null],
    ['at their beginning', '2026-11-23T22:00:00+01:00', '2026-11-24T06:00:00.000Z'],
    ['after midnight', '2026-11-24T03:00:00+01:00', '2026-11-24T06:00:00.000Z'],
    ['at their end', '2026-11-24T07:00:00+01:00', null],
    ['at noon', '2026-11-24T12:00:00+01:00', null],
  ])('%s', (_, at, expected) => {
    expect(until(NIGHT, BERLIN, at)).toBe(expected);
  });

  it('within one day end on that day', () => {
    const noon: QuietHours = { from: '12:00', to: '13:30', days: [...WEEKDAYS] };
    expect(until(noon, 'UTC', '2026-11-24T12:10:00Z')).toBe('2026-11-24T13:30:00.000Z');
    expect(until(noon, 'UTC', '2026-11-24T13:30:00Z')).toBeNull();
  });

  it('belong to the day on which they begin', () => {
    const weekend: QuietHours = { ...NIGHT, days: ['sat'] };
    // A Saturday's night lasts into Sunday; Friday's is not quiet.
    expect(until(weekend, 'UTC', '2026-11-29T06:59:00Z')).toBe('2026-11-29T07:00:00.000Z');
    expect(until(weekend, 'UTC', '2026-11-28T06:59:00Z')).toBeNull();
    expect(until(weekend, 'UTC', '2026-11-29T22:30:00Z')).toBeNull();
  });

  it('of no length are none', () => {
    expect(until({ ...NIGHT, to: '22:00' }, BERLIN, '2026-11-23T22:00:00+01:00')).toBeNull();
  });
});

describe('quiet hours in the nights when the clocks change', () => {
  const small: QuietHours = { from: '01:30', to: '02:30', days: [...WEEKDAYS] };

  it('an end that the clock skips is an hour later on the clock: 03:30 in summer time', () => {
    expect(until(small, BERLIN, '2026-03-29T00:45:00Z')).toBe('2026-03-29T01:30:00.000Z');
    expect(until(small, BERLIN, '2026-03-29T01:29:59Z')).toBe('2026-03-29T01:30:00.000Z');
    expect(until(small, BERLIN, '2026-03-29T01:30:00Z')).toBeNull();
  });

  it('an end that comes twice is the first of the two: 02:30 in summer time', () => {
    expect(until(small, BERLIN, '2026-10-25T00:15:00Z')).toBe('2026-10-25T00:30:00.000Z');
    expect(until(small, BERLIN, '2026-10-25T01:15:00Z')).toBeNull();
  });

  it('a night is an hour shorter in spring and an hour longer in autumn', () => {
    expect(until(NIGHT, BERLIN, '2026-03-28T22:30:00+01:00')).toBe('2026-03-29T05:00:00.000Z');
    expect(until(NIGHT, BERLIN, '2026-10-24T22:30:00+02:00')).toBe('2026-10-25T06:00:00.000Z');
  });

  it('a beginning that the clock skips is an hour later, and one that comes twice is the first', () => {
    const late: QuietHours = { from: '02:30', to: '06:00', days: [...WEEKDAYS] };
    expect(until(late, BERLIN, '2026-03-29T01:15:00Z')).toBeNull();
    expect(until(late, BERLIN, '2026-03-29T01:30:00Z')).toBe('2026-03-29T04:00:00.000Z');
    expect(until(late, BERLIN, '2026-10-25T00:30:00Z')).toBe('2026-10-25T05:00:00.000Z');
  });
});

describe('whatever names a zone', () => {
  it.each(['PST', 'IST', 'JST', 'Mars/Olympus', ''])('%j is read as UTC where it cannot be used', (zone) => {
    expect(until(NIGHT, zone, '2026-11-23T23:00:00Z')).toBe('2026-11-24T07:00:00.000Z');
  });

  it('an end that is moved into the next quiet hours ends with those', () => {
    const nearly = { ...NIGHT, from: '03:05', to: '02:10' };
    expect(until(nearly, BERLIN, '2026-03-29T01:07:00Z')).toBe('2026-03-30T00:10:00.000Z');
  });
});

describe('for any zone, hours and moment', () => {
  const time = fc
    .tuple(fc.nat(23), fc.nat(59))
    .map(([hours, minutes]) => `${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`);
  const zone = fc.constantFrom(
    'UTC',
    BERLIN,
    'America/New_York',
    'Asia/Kathmandu',
    'Australia/Lord_Howe',
    'Pacific/Apia',
  );
  const at = fc.date({ min: new Date('2024-01-01'), max: new Date('2028-01-01'), noInvalidDate: true });

  it('the end is later, within a day and an hour, at the wanted time on the wall, and no longer quiet', () => {
    fc.assert(
      fc.property(time, time, zone, at, (from, to, timeZone, moment) => {
        const end = quietUntil({ from, to, days: [...WEEKDAYS] }, timeZone, moment);
        if (!end) return;
        expect(end.getTime()).toBeGreaterThan(moment.getTime());
        expect(end.getTime() - moment.getTime()).toBeLessThanOrEqual(50 * 3_600_000);
        expect(quietUntil({ from, to, days: [...WEEKDAYS] }, timeZone, end)).toBeNull();
      }),
      { numRuns: 300 },
    );
  });
});
