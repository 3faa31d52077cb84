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
  /** zones already described, by quarter of an hour: clocks change on no other minute */
  zones: Map<number, string>;
}

/** Formatters cost far more to build than to use, so they are kept; time zones come from strangers, so not without limit. */
const MAX_CLOCKS = 2_000;
/** Naming a zone costs 5 µs, more than all the rest of a mail, and the times that are due lie close together. */
const MAX_ZONES = 500;
const QUARTER_HOUR_MS = 900_000;
const clocks = new Map<string, Clock>();

/** @throws EmailTemplateError `invalid_time` */
export function describeMoment(at: Date, locale: Locale, timezone = 'UTC'): Moment {
  if (Number.isNaN(at.getTime())) {
    throw new EmailTemplateError('invalid_time', '`at` is not a valid date: pass a Date made from an RFC 3339 time.');
  }
  const clock = clockFor(locale, timezone);
  return { date: clock.date.format(at), time: clock.time.format(at), zone: zoneAt(at, clock, locale) };
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
    zones: new Map(),
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

function zoneAt(at: Date, clock: Clock, locale: Locale): string {
  const quarter = Math.floor(at.getTime() / QUARTER_HOUR_MS);
  const known = clock.zones.get(quarter);
  if (known !== undefined) return known;
  if (clock.zones.size >= MAX_ZONES) clock.zones.clear();
  const zone = describeZone(at, clock, locale);
  clock.zones.set(quarter, zone);
  return zone;
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
