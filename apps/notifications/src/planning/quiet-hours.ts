import { type QuietHours, WEEKDAYS } from '@bellhop/contracts/http';
import { Temporal } from 'temporal-polyfill';

const UTC = 'UTC';

/**
 * The end of the quiet hours that a moment is in; null outside of them. They begin and end by the clock on the wall: a local time that the
 * clock skips is moved forward by what is skipped, and of one that comes twice the first counts (RFC 5545 §3.3.5 reads times so).
 * @param timeZone an IANA name; whatever is none, such as an abbreviation that only some runtimes know, is read as UTC
 */
export function quietUntil({ from, to, days }: QuietHours, timeZone: string, at: Date): Date | null {
  if (from === to) return null;
  const today = dayIn(timeZone, at);
  if (!today) return quietUntil({ from, to, days }, UTC, at);
  // Those of yesterday may last past midnight.
  for (const day of [today.subtract({ days: 1 }), today]) {
    if (!days.includes(WEEKDAYS[day.dayOfWeek - 1] as (typeof WEEKDAYS)[number])) continue;
    const endsAt = momentOf(to < from ? day.add({ days: 1 }) : day, to, timeZone);
    // Once a year the end of one is moved into the next one, by the hour that the clock skips.
    if (momentOf(day, from, timeZone) <= at && at < endsAt)
      return quietUntil({ from, to, days }, timeZone, endsAt) ?? endsAt;
  }
  return null;
}

function dayIn(timeZone: string, at: Date): Temporal.PlainDate | null {
  try {
    return Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(timeZone).toPlainDate();
  } catch {
    return null;
  }
}

function momentOf(day: Temporal.PlainDate, plainTime: string, timeZone: string): Date {
  return new Date(day.toZonedDateTime({ timeZone, plainTime }).epochMilliseconds);
}
