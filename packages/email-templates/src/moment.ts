import { EmailTemplateError } from './errors.js';
import { type Locale, languages } from './locales.js';

export interface Moment {
  /** `Tuesday, 24 November 2026` */
  date: string;
  /** `14:30` */
  time: string;
  /** `Central European Time (UTC+1)`: the name people know, and the offset, which is never ambiguous */
  zone: string;
}

interface Clock {
  date: Intl.DateTimeFormat;
  time: Intl.DateTimeFormat;
  zoneName: Intl.DateTimeFormat;
  offset: Intl.DateTimeFormat;
  /** by number of quarters since 1970 */
  quarters: Map<number, Quarter>;
  /** the minutes of a quarter, by its first: the same every day */
  minutes: Map<string, string[]>;
}

/** What is the same for a quarter of an hour: clocks change, and days begin, on no other minute. */
interface Quarter {
  date: string;
  zone: string;
  /** `14:30` to `14:44`, as far as they were needed */
  minutes: string[];
}

/** Formatters cost far more to build than to use, so they are kept; time zones come from strangers, so not without limit. */
const MAX_CLOCKS = 2_000;
/** Spelling out a moment costs 8 µs, more than all the rest of a mail, and the times that are due lie close together. */
const MAX_QUARTERS = 100;
const MINUTE_MS = 60_000;
const QUARTER_MS = 15 * MINUTE_MS;
/** Until then clocks in Newfoundland changed a minute after midnight, and long before that, days began anywhere. */
const IN_QUARTERS_SINCE = Date.UTC(2012);
const clocks = new Map<string, Clock>();

/** @throws EmailTemplateError `invalid_time` */
export function describeMoment(at: Date, locale: Locale, timezone = 'UTC'): Moment {
  if (Number.isNaN(at.getTime())) {
    throw new EmailTemplateError('invalid_time', '`at` is not a valid date: pass a Date made from an RFC 3339 time.');
  }
  const clock = clockFor(locale, timezone);
  const ms = at.getTime();
  if (ms < IN_QUARTERS_SINCE) {
    return { date: clock.date.format(at), time: clock.time.format(at), zone: describeZone(at, clock, locale) };
  }
  const { date, zone, minutes } = quarterAt(Math.floor(ms / QUARTER_MS), clock, locale);
  const minute = Math.floor((ms % QUARTER_MS) / MINUTE_MS);
  minutes[minute] ??= clock.time.format(at);
  return { date, time: minutes[minute], zone };
}

function clockFor(locale: Locale, timezone: string): Clock {
  const key = `${locale} ${timezone}`;
  const known = clocks.get(key);
  if (known) return known;
  if (clocks.size >= MAX_CLOCKS) clocks.clear();
  const clock = buildClock(languages[locale].dates, isTimeZone(timezone) ? timezone : 'UTC');
  clocks.set(key, clock);
  return clock;
}

function buildClock(tag: string, timeZone: string): Clock {
  return {
    date: new Intl.DateTimeFormat(tag, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric', timeZone }),
    time: new Intl.DateTimeFormat(tag, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone }),
    zoneName: new Intl.DateTimeFormat(tag, { hour: 'numeric', timeZoneName: 'longGeneric', timeZone }),
    // English, because other languages write the minus sign or "GMT" in their own ways.
    offset: new Intl.DateTimeFormat('en', { hour: 'numeric', timeZoneName: 'shortOffset', timeZone }),
    quarters: new Map(),
    minutes: new Map(),
  };
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function quarterAt(number: number, clock: Clock, locale: Locale): Quarter {
  const known = clock.quarters.get(number);
  if (known) return known;
  if (clock.quarters.size >= MAX_QUARTERS) clock.quarters.clear();
  const start = new Date(number * QUARTER_MS);
  const first = clock.time.format(start);
  const minutes = clock.minutes.get(first) ?? [];
  clock.minutes.set(first, minutes);
  const quarter = { date: clock.date.format(start), zone: describeZone(start, clock, locale), minutes };
  clock.quarters.set(number, quarter);
  return quarter;
}

function describeZone(at: Date, clock: Clock, locale: Locale): string {
  const offset = zonePart(clock.offset, at).replace('GMT', 'UTC').replace('-', '\u2212');
  const name = zonePart(clock.zoneName, at);
  // Where ICU knows no name, as for UTC itself, it repeats the offset.
  if (name === '' || /^(GMT|UTC)/.test(name)) return offset.replace(/\+0$/, '');
  return languages[locale].catalog.zone.replace('{name}', name).replace('{offset}', offset);
}

function zonePart(format: Intl.DateTimeFormat, at: Date): string {
  return format.formatToParts(at).find((part) => part.type === 'timeZoneName')?.value ?? '';
}
