import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { describeMoment } from './moment.js';

const winter = new Date('2026-11-24T13:30:00Z');
const summer = new Date('2026-07-01T22:05:00Z');
/** 02:30 comes twice that night in Warsaw: once in summer time, once in winter time. */
const first = new Date('2026-10-25T00:30:00Z');
const second = new Date('2026-10-25T01:30:00Z');

describe('a moment in the time zone of its reader', () => {
  it.each([
    ['en', 'Europe/London', winter, 'Tuesday 24 November 2026', '13:30', 'United Kingdom Time (UTC+0)'],
    ['en', 'America/New_York', winter, 'Tuesday 24 November 2026', '08:30', 'Eastern Time (UTC−5)'],
    ['en', 'Asia/Kolkata', winter, 'Tuesday 24 November 2026', '19:00', 'India Standard Time (UTC+5:30)'],
    ['de', 'Europe/Berlin', winter, 'Dienstag, 24. November 2026', '14:30', 'Mitteleuropäische Zeit (UTC+1)'],
    ['de', 'Europe/Berlin', summer, 'Donnerstag, 2. Juli 2026', '00:05', 'Mitteleuropäische Zeit (UTC+2)'],
    ['pl', 'Europe/Warsaw', winter, 'wtorek, 24 listopada 2026', '14:30', 'czas środkowoeuropejski (UTC+1)'],
    ['zh-CN', 'Asia/Shanghai', winter, '2026年11月24日星期二', '21:30', '中国标准时间（UTC+8）'],
    ['pl', 'UTC', winter, 'wtorek, 24 listopada 2026', '13:30', 'UTC'],
    ['pl', undefined, winter, 'wtorek, 24 listopada 2026', '13:30', 'UTC'],
    ['en', 'Etc/GMT+5', winter, 'Tuesday 24 November 2026', '08:30', 'UTC−5'],
    ['en', 'Mars/Olympus', winter, 'Tuesday 24 November 2026', '13:30', 'UTC'],
  ] as const)('is written in %s for %s', (locale, timezone, at, date, time, zone) => {
    const moment = describeMoment(at, locale, timezone);
    // Newer ICU data write British dates without this comma.
    const inBritish = locale === 'en' ? moment.date.replace(',', '') : moment.date;
    expect({ ...moment, date: inBritish }).toEqual({ date, time, zone });
  });

  it('is unambiguous in the hour that comes twice', () => {
    const [earlier, later] = [first, second].map((at) => describeMoment(at, 'en', 'Europe/Warsaw'));
    expect(earlier?.time).toBe('02:30');
    expect(later?.time).toBe('02:30');
    expect(earlier?.zone).toMatch(/^Central European Time .*\(UTC\+2\)$/);
    expect(later?.zone).toMatch(/^Central European Time .*\(UTC\+1\)$/);
  });

  it('has the offset of its minute where clocks changed at a minute past midnight', () => {
    const zones = ['03:30', '03:31'].map(
      (time) => describeMoment(new Date(`2010-03-14T${time}Z`), 'en', 'America/St_Johns').zone,
    );
    expect(zones).toEqual(['Newfoundland Time (UTC−3:30)', 'Newfoundland Time (UTC−2:30)']);
  });

  it('is what the clock shows, in every time zone and at every minute', () => {
    const random = fc.sample(
      fc.date({ min: new Date('1900-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }),
      60,
    );
    // Where clocks once changed at a minute past midnight.
    random.push(new Date('2010-03-14T03:31:00Z'), new Date('2026-03-14T03:31:00Z'));
    for (const timeZone of Intl.supportedValuesOf('timeZone')) {
      const date = new Intl.DateTimeFormat('de', { dateStyle: 'full', timeZone });
      const time = new Intl.DateTimeFormat('de', { timeStyle: 'short', timeZone });
      // With neighbours, because clocks change on any minute.
      const moments = random.flatMap((at) =>
        [0, 1, 14, 15].map((minutes) => new Date(at.getTime() + minutes * 60_000)),
      );
      const spelled = moments.map((at) => describeMoment(at, 'de', timeZone));
      expect(spelled.map((moment) => [moment.date, moment.time])).toEqual(
        moments.map((at) => [date.format(at), time.format(at)]),
      );
    }
  });

  it('is refused when it is none', () => {
    expect(() => describeMoment(new Date('soon'), 'en')).toThrow(expect.objectContaining({ code: 'invalid_time' }));
  });
});
