import { type QuietHours, WEEKDAYS } from '@bellhop/contracts/http';
import { Temporal } from 'temporal-polyfill';

/**
 * The end of the quiet hours that a moment is in; null outside of them. They begin and end by the clock on the wall: a local time that the
 * clock skips is moved forward by what is skipped, and of one that comes twice the first counts (RFC 5545 §3.3.5 reads times so).
 * @param timeZone an IANA name that the runtime knows
 */
export function quietUntil({ from, to, days }: QuietHours, timeZone: string, at: Date): Date | null {
  if (from === to) return null;
  const today = Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(timeZone).toPlainDate();
  // Those of yesterday may last past midnight.
  for (const day of [today.subtract({ days: 1 }), today]) {
    if (!days.includes(WEEKDAYS[day.dayOfWeek - 1] as (typeof WEEKDAYS)[number])) continue;
    const endsAt = momentOf(to < from ? day.add({ days: 1 }) : day, to, timeZone);
    if (momentOf(day, from, timeZone) <= at && at < endsAt) return endsAt;
  }
  return null;
}

function momentOf(day: Temporal.PlainDate, plainTime: string, timeZone: string): Date {
  return new Date(day.toZonedDateTime({ timeZone, plainTime }).epochMilliseconds);
}
