const DAY_MS = 86_400_000;

export interface Reader {
  /** Whose habits dates follow: `en-GB`. */
  readonly dates: string;
  /** The clock on the wall; a browser's own zone where none is given. */
  readonly timeZone?: string;
  readonly now: Date;
}

/** A moment as people say it, in their own zone: `09:12`, `yesterday, 16:20`, `Tue 1 Dec, 14:00`, `28 Nov 2025, 09:00`. */
export function momentOf(iso: string, reader: Reader): string {
  const moment = new Date(iso);
  const time = format(moment, reader, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const days = daysBetween(reader.now, moment, reader.timeZone);
  if (days === 0) return time;
  return `${dayOf(moment, days, reader)}, ${time}`;
}

/** The same, with "today" where it is today: for what lies ahead. */
export function deadlineOf(iso: string, reader: Reader): string {
  const moment = new Date(iso);
  const time = format(moment, reader, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  return `${dayOf(moment, daysBetween(reader.now, moment, reader.timeZone), reader)}, ${time}`;
}

/** Only the day: `today`, `28 Nov`. */
export function dateOf(iso: string, reader: Reader): string {
  const moment = new Date(iso);
  return dayOf(moment, daysBetween(reader.now, moment, reader.timeZone), reader);
}

function dayOf(moment: Date, days: number, reader: Reader): string {
  if (Math.abs(days) <= 1) return new Intl.RelativeTimeFormat(reader.dates, { numeric: 'auto' }).format(days, 'day');
  const isNear = Math.abs(days) < 7;
  const isThisYear = yearOf(moment, reader.timeZone) === yearOf(reader.now, reader.timeZone);
  const day = { day: 'numeric', month: 'short' } as const;
  const parts = {
    ...day,
    ...(isNear ? ({ weekday: 'short' } as const) : {}),
    ...(isThisYear ? {} : { year: 'numeric' as const }),
  };
  // British English writes "Tue, 1 Dec": one comma is enough in "Tue 1 Dec, 14:00".
  const written = format(moment, reader, parts);
  return reader.dates.startsWith('en') ? written.replace(',', '') : written;
}

function format(moment: Date, { dates, timeZone }: Reader, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(dates, { ...options, ...(timeZone ? { timeZone } : {}) }).format(moment);
}

function daysBetween(from: Date, to: Date, timeZone?: string): number {
  return Math.round((dayStart(to, timeZone) - dayStart(from, timeZone)) / DAY_MS);
}

/** The day on the reader's calendar, as midnight UTC. */
function dayStart(moment: Date, timeZone?: string): number {
  const [year = 0, month = 1, day = 1] = calendar(moment, timeZone);
  return Date.UTC(year, month - 1, day);
}

const yearOf = (moment: Date, timeZone?: string) => calendar(moment, timeZone)[0];

function calendar(moment: Date, timeZone?: string): number[] {
  const reader = { dates: 'sv-SE', now: moment, ...(timeZone ? { timeZone } : {}) };
  return format(moment, reader, { year: 'numeric', month: '2-digit', day: '2-digit' }).split('-').map(Number);
}
