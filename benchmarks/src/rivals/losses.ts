import { setTimeout as delay } from 'node:timers/promises';
import { type ResendServer, waitFor } from '@bellhop/local-stack';
import { type Rival, rivalEvent } from './rival.js';

const EVENTS = 1_000;
/** The worker is killed after so many mails. */
const MAILS_BEFORE = 300;
const AWAY_MS = 2_000;
/** Published while the worker is down, as during a deployment. */
const EVENTS_MEANWHILE = 100;
const QUIET_MS = 5_000;
/**
 * How long a rival may take to retry the jobs of the killed worker. BullMQ checks every 30 s, retries jobs that it finds stalled twice, and may
 * skip a check: that is 30 to 90 s.
 */
const PATIENCE_MS = 120_000;

/** The outcome of the published events, as seen by the provider. */
export interface Losses {
  readonly published: number;
  /** Accepted by the provider. */
  readonly mails: number;
  /** Recipients who got none. */
  readonly lost: number;
  /** Mails beyond the first to the same recipient. */
  readonly doubled: number;
}

/**
 * Kills the worker while it works, publishes more, starts the worker again, and counts when it is quiet. Earlier mails are deleted from the
 * sink.
 */
export async function lossesOf(rival: Rival, sink: ResendServer): Promise<Losses> {
  await sink.clear();
  const recipients = Array.from({ length: EVENTS + EVENTS_MEANWHILE }, (_, index) => `customer${index}@example.com`);
  const events = recipients.map((email) => rivalEvent(email));
  await rival.publish(events.slice(0, EVENTS));
  await waitFor(async () => (await mailsOf(sink)).length >= MAILS_BEFORE, {
    what: 'the first mails',
    timeoutMs: 60_000,
  });
  await rival.kill();
  const backAt = Date.now() + AWAY_MS;
  await rival.publish(events.slice(EVENTS));
  await delay(backAt - Date.now());
  await rival.resume();
  await untilQuiet(rival, sink);
  return tally(recipients, await mailsOf(sink));
}

/** @param mails the recipient of each */
export function tally(recipients: readonly string[], mails: readonly string[]): Losses {
  const told = new Set(mails);
  return {
    published: recipients.length,
    mails: mails.length,
    lost: recipients.filter((recipient) => !told.has(recipient)).length,
    doubled: mails.length - told.size,
  };
}

async function mailsOf(sink: ResendServer): Promise<string[]> {
  return (await sink.emails({ isBrief: true })).flatMap(({ to }) => to);
}

/** No mail for a while, and nothing left to do for the rival. Mails after the time limit count as lost. */
async function untilQuiet(rival: Rival, sink: ResendServer): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  let mails = 0;
  let movedAt = Date.now();
  while (Date.now() < deadline) {
    await delay(100);
    const { length } = await mailsOf(sink);
    if (length !== mails) movedAt = Date.now();
    mails = length;
    if (Date.now() - movedAt >= QUIET_MS && (await rival.unfinished()) === 0) return;
  }
}
