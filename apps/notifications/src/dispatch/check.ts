import type { SkipReason, Template } from '../planning/plan.js';
import type { LeasedDelivery } from './delivery.js';
import type { Standing } from './load-standing.js';

const MINUTE_MS = 60 * 1000;

/** How many mails one person gets at most, whatever happens: a stop for robots that answer each other. */
export const CEILING = {
  perTicket: { count: 10, windowMs: 10 * MINUTE_MS },
  perPerson: { count: 30, windowMs: 60 * MINUTE_MS },
} as const;

export type Verdict =
  | { readonly kind: 'send'; readonly template: Template }
  | { readonly kind: 'skip'; readonly reason: SkipReason | 'folded' }
  /** Over the ceiling: it waits, and what is newer takes it in. */
  | { readonly kind: 'hold'; readonly until: Date };

/**
 * Decides again at the last moment, because much may have happened while the alert waited. Pure.
 * `sentNow` counts what the same batch has let through already, by recipient and by recipient and ticket.
 */
export function check(delivery: LeasedDelivery, standing: Standing, sentNow: Map<string, number>): Verdict {
  const isRequester = delivery.role === 'requester';
  if (isRequester && standing.requesterKey !== null && standing.requesterKey !== delivery.recipientKey) {
    return { kind: 'skip', reason: 'requester_changed' };
  }
  if (isRequester && standing.seenVersion >= delivery.version) return { kind: 'skip', reason: 'seen' };
  if (standing.toldVersion > delivery.version) return { kind: 'skip', reason: 'overtaken' };
  if (standing.isSuppressed) return { kind: 'skip', reason: 'address_suppressed' };
  const until = heldUntil(delivery, standing, sentNow);
  if (until) return standing.hasSuccessor ? { kind: 'skip', reason: 'folded' } : { kind: 'hold', until };
  count(delivery, sentNow);
  return { kind: 'send', template: templateNow(delivery, standing) };
}

/** A question that was answered meanwhile is a plain update. */
function templateNow(delivery: LeasedDelivery, standing: Standing): Template {
  const isAnswered =
    delivery.template === 'information_requested' && standing.answeredVersion >= delivery.templateVersion;
  return isAnswered ? 'replied' : delivery.template;
}

function heldUntil(delivery: LeasedDelivery, standing: Standing, sentNow: Map<string, number>): Date | undefined {
  // The shared mailbox belongs to no person: a busy team gets more than 30 mails an hour.
  if (delivery.role === 'team') return undefined;
  const { perTicket, perPerson } = CEILING;
  const forTicket = standing.recentForTicket + (sentNow.get(ticketCounter(delivery)) ?? 0);
  if (forTicket >= perTicket.count) return after(standing.oldestForTicket, perTicket.windowMs);
  const forPerson = standing.recentForPerson + (sentNow.get(delivery.recipientKey) ?? 0);
  if (forPerson >= perPerson.count) return after(standing.oldestForPerson, perPerson.windowMs);
  return undefined;
}

/** When the oldest one leaves the window. Null: all of them are in this very batch. */
function after(oldest: Date | null, windowMs: number): Date {
  return new Date((oldest?.getTime() ?? Date.now()) + windowMs);
}

function count(delivery: LeasedDelivery, sentNow: Map<string, number>): void {
  for (const counter of [delivery.recipientKey, ticketCounter(delivery)]) {
    sentNow.set(counter, (sentNow.get(counter) ?? 0) + 1);
  }
}

function ticketCounter({ recipientKey, system, ticketId }: LeasedDelivery): string {
  return `${recipientKey} ${system} ${ticketId}`;
}
