import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { readTimezone } from './timezone.js';
import { WINDOWS_ZONES } from './windows-zones.js';

describe('a time zone as people and programs spell it', () => {
  it.each<[unknown, string | undefined]>([
    ['Europe/Warsaw', 'Europe/Warsaw'],
    ['europe/warsaw', 'europe/warsaw'],
    ['UTC', 'UTC'],
    ['Etc/GMT+5', 'Etc/GMT+5'],
    ['America/Argentina/Buenos_Aires', 'America/Argentina/Buenos_Aires'],
    ['EST', 'EST'],
    ['Europe/Warsaw ', 'Europe/Warsaw'],
    ['\u202aEurope/Warsaw\u202c', 'Europe/Warsaw'],
    [':Europe/Warsaw', 'Europe/Warsaw'],
    ['Europe\\Warsaw', 'Europe/Warsaw'],
    ['America/New York', 'America/New_York'],
    ['Central European Standard Time', 'Europe/Warsaw'],
    ['central european standard time', 'Europe/Warsaw'],
    ['W. Europe Daylight Time', 'Europe/Berlin'],
    ['China Standard Time', 'Asia/Shanghai'],
    ['Z', 'UTC'],
    ['gmt', 'UTC'],
    ['UTC+1', 'Etc/GMT-1'],
    ['UTC+01:00', 'Etc/GMT-1'],
    ['GMT-3', 'Etc/GMT+3'],
    ['+02:00', 'Etc/GMT-2'],
    ['\u221203:00', 'Etc/GMT+3'],
    ['-0500', 'Etc/GMT+5'],
    ['(UTC+01:00) Sarajevo, Skopje, Warsaw, Zagreb', 'Etc/GMT-1'],
    ['+00:00', 'UTC'],
    ['UTC+14', 'Etc/GMT-14'],
    ['UTC+15', undefined],
    ['UTC-13', undefined],
    // There is no zone by that name, and half an hour off would be worse than UTC.
    ['UTC+05:30', undefined],
    ['', undefined],
    ['Mars/Valley', undefined],
    ['Etc/Unknown', undefined],
    ['CET/../UTC', undefined],
    ['Local', undefined],
    [null, undefined],
    [undefined, undefined],
    [60, undefined],
    [['Europe/Warsaw'], undefined],
    [{}, undefined],
  ])('%j is read as %j', (spelt, zone) => {
    expect(readTimezone(spelt)).toBe(zone);
    expect(readTimezone(spelt)).toBe(zone);
  });

  it.each(Object.entries(WINDOWS_ZONES))('the runtime knows what %s of Windows is: %s', (name, zone) => {
    expect(new Intl.DateTimeFormat('en', { timeZone: zone }).format(0)).toBeTruthy();
    // `UTC-11` and the like are names of Windows, too.
    expect(readTimezone(name)).toBeDefined();
  });

  it('is one that the runtime knows, or none, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 40 }),
        fc.constantFrom('', 'Europe/', 'UTC+', '('),
        (text, before) => {
          const zone = readTimezone(before + text);
          if (zone !== undefined) new Intl.DateTimeFormat('en', { timeZone: zone });
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('remembers what it was asked for last, however much nonsense came before', () => {
    for (let index = 0; index < 3_000; index++) readTimezone(`Nowhere/Place_${index}`);
    const asked = jest.spyOn(Intl, 'DateTimeFormat');
    for (let times = 0; times < 5; times++) expect(readTimezone('America/Bogota')).toBe('America/Bogota');
    expect(asked).toHaveBeenCalledTimes(1);
    asked.mockRestore();
  });
});
