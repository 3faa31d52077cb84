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

interface Formatters {
  date: Intl.DateTimeFormat;
  time: Intl.DateTimeFormat;
  zoneName: Intl.DateTimeFormat;
  offset: Intl.DateTimeFormat;
  /** what {@link Moment.zone} says, by day and offset: Intl takes longer for the name than for all the rest of a moment */
  zones: Map<string, string>;
}

/** Building formatters costs far more than using them, so they are kept. Bounded, because time zones come from outside. */
const MAX_FORMATTERS = 2_000;
const MAX_ZONES = 100;
const kept = new Map<string, Formatters>();

/**
 * A moment as its reader writes it. An unknown time zone is read as UTC.
 * @throws EmailTemplateError `invalid_time`
 */
export function describeMoment(at: Date, locale: Locale, timezone = 'UTC'): Moment {
  if (Number.isNaN(at.getTime())) {
    throw new EmailTemplateError('invalid_time', '`at` is not a valid date: pass a Date made from an RFC 3339 time.');
  }
  const formatters = formattersFor(locale, timezone);
  const date = formatters.date.format(at);
  return { date, time: formatters.time.format(at), zone: zoneAt(at, date, formatters, locale) };
}

function formattersFor(locale: Locale, timezone: string): Formatters {
  const key = `${locale} ${timezone}`;
  const known = kept.get(key);
  if (known) return known;
  if (kept.size >= MAX_FORMATTERS) kept.clear();
  const formatters = buildFormatters(languages[locale].dates, isTimeZone(timezone) ? timezone : 'UTC');
  kept.set(key, formatters);
  return formatters;
}

function buildFormatters(tag: string, timeZone: string): Formatters {
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

function zoneAt(at: Date, date: string, { offset: offsets, zoneName, zones }: Formatters, locale: Locale): string {
  // `2 PM GMT-5`
  const offset = offsets.format(at).split('GMT')[1] ?? '';
  const key = date + offset;
  const known = zones.get(key);
  if (known) return known;
  const { value: name = '' } = zoneName.formatToParts(at).find(({ type }) => type === 'timeZoneName') ?? {};
  if (zones.size >= MAX_ZONES) zones.clear();
  const zone = describeZone(name, `UTC${offset.replace('-', '\u2212')}`, locale);
  zones.set(key, zone);
  return zone;
}

function describeZone(name: string, offset: string, locale: Locale): string {
  // Where ICU knows no name, as for UTC itself, it repeats the offset.
  if (name === '' || /^(GMT|UTC)/.test(name)) return offset.replace(/\+0$/, '');
  return languages[locale].catalog.zone.replace('{name}', name).replace('{offset}', offset);
}
