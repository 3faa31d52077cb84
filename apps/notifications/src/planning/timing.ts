import type { ChannelName } from '@bellhop/contracts/events';
import type { QuietHours } from '@bellhop/contracts/http';
import { quietUntil } from './quiet-hours.js';

/** How long the alerts of one channel wait for further events. A setting, passed in with the channel. */
export interface DigestWindow {
  /** From the newest event, in milliseconds. */
  readonly quietMs: number;
  /** From the first event at most, in milliseconds. */
  readonly maxWaitMs: number;
}

/** When an alert goes. */
export interface Timing {
  readonly dueAt: Date;
  /** Later events of its digest put it off until then at most. */
  readonly latestAt: Date;
  /** It skips the digest window. */
  readonly isImmediate: boolean;
  /** The person's own rule that has put it off: `quiet_hours` or `mail_after`; null: none. */
  readonly rule: string | null;
}

const MINUTE_MS = 60_000;

/** A person may want a mail only for what they have not seen some minutes after its push. */
export const WAITS_FOR: Partial<Record<ChannelName, ChannelName>> = { email: 'push' };

export function inWindow(now: Date, { quietMs, maxWaitMs }: DigestWindow, isImmediate: boolean): Timing {
  return {
    dueAt: isImmediate ? now : new Date(now.getTime() + quietMs),
    latestAt: new Date(now.getTime() + maxWaitMs),
    isImmediate,
    rule: null,
  };
}

/** Put off until the end of the quiet hours that it falls into. */
export function afterQuietHours(timing: Timing, hours: QuietHours, timeZone: string): Timing {
  const until = quietUntil(hours, timeZone, timing.dueAt);
  if (!until) return timing;
  return { dueAt: until, latestAt: latest(timing.latestAt, until), isImmediate: false, rule: 'quiet_hours' };
}

/** So many minutes after another channel, which is given the time to be seen. */
export function afterChannel(other: Timing, minutes: number): Timing {
  const later = (time: Date) => new Date(time.getTime() + minutes * MINUTE_MS);
  return {
    dueAt: later(other.dueAt),
    latestAt: later(latest(other.latestAt, other.dueAt)),
    isImmediate: false,
    rule: 'mail_after',
  };
}

function latest(a: Date, b: Date): Date {
  return a > b ? a : b;
}
