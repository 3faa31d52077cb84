import { EmailTemplateError } from './errors.js';
import { type Locale, languages } from './locales.js';

export interface Moment {
  /** `Tuesday, 24 November 2026` */
  date: string;
  /** `14:30`, in every language */
  time: string;
  /** `Central European Time (UTC+1)`: the name people know, and the offset, which is never ambiguous */
  zone: string;
}

interface Formatters {
  /** `11/24/2026, 14:30 GMT-5`: not for readers, but one call says all that changes from one moment to the next */
  stamp: Intl.DateTimeFormat;
  date: Intl.DateTimeFormat;
  zoneName: Intl.DateTimeFormat;
  /** the words of a day, by its date and offset in the stamp: both stay the same for a day, and Intl takes long for them */
  words: Map<string, Pick<Moment, 'date' | 'zone'>>;
}

/** Building formatters costs far more than using them, so they are kept. Bounded, because time zones come from outside. */
const MAX_FORMATTERS = 2_000;
const MAX_WORDS = 100;
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
  const { stamp, words } = formatters;
  const [day, time, offset] = stamp.format(at).split(' ') as [string, string, string];
  let said = words.get(day + offset);
  if (!said) {
    said = { date: formatters.date.format(at), zone: describeZone(nameOfZone(at, formatters), offset, locale) };
    if (words.size >= MAX_WORDS) words.clear();
    words.set(day + offset, said);
  }
  return { date: said.date, time, zone: said.zone };
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
  const numbers = { year: 'numeric', month: 'numeric', day: 'numeric', hour: '2-digit', minute: '2-digit' } as const;
  return {
    stamp: new Intl.DateTimeFormat('en', { ...numbers, hourCycle: 'h23', timeZoneName: 'shortOffset', timeZone }),
    date: new Intl.DateTimeFormat(tag, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric', timeZone }),
    zoneName: new Intl.DateTimeFormat(tag, { hour: 'numeric', timeZoneName: 'longGeneric', timeZone }),
    words: new Map(),
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

function nameOfZone(at: Date, { zoneName }: Formatters): string {
  return zoneName.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? '';
}

/** @param gmtOffset as in a stamp: `GMT-5` */
function describeZone(name: string, gmtOffset: string, locale: Locale): string {
  const offset = gmtOffset.replace('GMT', 'UTC').replace('-', '\u2212');
  // Where ICU knows no name, as for UTC itself, it repeats the offset.
  if (name === '' || /^(GMT|UTC)/.test(name)) return offset.replace(/\+0$/, '');
  return languages[locale].catalog.zone.replace('{name}', name).replace('{offset}', offset);
}
