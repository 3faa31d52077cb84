import type { SkipReason } from '../planning/plan.js';
import { type LeasedDelivery, type MailTemplate, TICKETS_WAITING } from './delivery.js';
import type { Standing } from './load-standing.js';

const MINUTE_MS = 60 * 1000;

/**
 * How many mails one person gets at most, whatever happens: a stop for robots that answer each other, and for a system that names
 * one mailbox as many people. Work of agents waits for no hour: theirs are bounded for each ticket only.
 */
export const CEILING = {
  perTicket: { count: 10, windowMs: 10 * MINUTE_MS },
  perPerson: { count: 30, windowMs: 60 * MINUTE_MS },
  /** The team's mailbox belongs to no person, and a busy team gets more than 30 mails an hour. What is over folds into one. */
  team: { count: 5, windowMs: MINUTE_MS },
} as const;

export type Verdict =
  | { readonly kind: 'send'; readonly template: MailTemplate; readonly at: Date | null }
  | { readonly kind: 'skip'; readonly reason: SkipReason | 'folded' }
  /** Over the ceiling: it waits, and what is newer takes it in. */
  | { readonly kind: 'hold'; readonly waitMs: number };

/**
 * Decides again at the last moment, because much may have happened while the alert waited. Pure.
 * `sentNow` counts what the same batch has let through already, by mailbox, and by mailbox and ticket.
 */
export function check(delivery: LeasedDelivery, standing: Standing, sentNow: Map<string, number>): Verdict {
  if (standing.isErased) return { kind: 'skip', reason: 'erased' };
  if (standing.isExpired) return { kind: 'skip', reason: 'expired' };
  const isRequester = delivery.role === 'requester';
  if (isRequester && standing.requesterKey !== null && standing.requesterKey !== delivery.recipientKey) {
    return { kind: 'skip', reason: 'requester_changed' };
  }
  const isAskedFor = delivery.requestId !== null;
  if (!isAskedFor && isRequester && standing.seenVersion >= delivery.version) return { kind: 'skip', reason: 'seen' };
  // One that tells of many tickets is not overtaken by what is new about one of them.
  const isOfMany = delivery.template === TICKETS_WAITING;
  if (!isAskedFor && !isOfMany && standing.toldVersion > delivery.version) return { kind: 'skip', reason: 'overtaken' };
  // The team's address is a setting: whoever runs this corrects it, and must not have to find out that it was suppressed.
  if (standing.isSuppressed && delivery.role !== 'team') return { kind: 'skip', reason: 'address_suppressed' };
  // Somebody waits for it in front of the page, and guest-auth counts how often they ask.
  if (isAskedFor) return { kind: 'send', template: delivery.template, at: delivery.expiresAt };
  const waitMs = holdMs(delivery, standing, sentNow);
  if (waitMs !== null) {
    return standing.hasSuccessor && !isOfMany ? { kind: 'skip', reason: 'folded' } : { kind: 'hold', waitMs };
  }
  count(delivery, sentNow);
  if (isOfMany) return { kind: 'send', template: TICKETS_WAITING, at: null };
  return { kind: 'send', ...contentNow(delivery, standing) };
}

/**
 * What it says now. A question that was answered meanwhile is a plain update. A failed attempt at something that ranks
 * higher is overtaken by this delivery, which therefore says it.
 */
function contentNow(delivery: LeasedDelivery, { outranked, answeredVersion }: Standing) {
  if (outranked) return { template: outranked.template, at: outranked.at === null ? null : new Date(outranked.at) };
  const isAnswered = delivery.template === 'information_requested' && answeredVersion >= delivery.templateVersion;
  return isAnswered ? { template: 'replied' as const, at: null } : { template: delivery.template, at: delivery.at };
}

function holdMs(delivery: LeasedDelivery, standing: Standing, sentNow: Map<string, number>): number | null {
  const { perTicket, perPerson, team } = CEILING;
  if (delivery.role === 'team') {
    const lately = standing.recentInMinute + (sentNow.get(personCounter(delivery)) ?? 0);
    return lately >= team.count ? team.windowMs - (standing.minuteAgeMs ?? 0) : null;
  }
  const forTicket = standing.recentForTicket + (sentNow.get(ticketCounter(delivery)) ?? 0);
  if (forTicket >= perTicket.count) return perTicket.windowMs - (standing.ticketAgeMs ?? 0);
  if (delivery.role !== 'requester') return null;
  const forPerson = standing.recentForPerson + (sentNow.get(personCounter(delivery)) ?? 0);
  if (forPerson >= perPerson.count) return perPerson.windowMs - (standing.personAgeMs ?? 0);
  return null;
}

function count(delivery: LeasedDelivery, sentNow: Map<string, number>): void {
  for (const counter of [personCounter(delivery), ticketCounter(delivery)]) {
    sentNow.set(counter, (sentNow.get(counter) ?? 0) + 1);
  }
}

function personCounter({ role, mailbox }: LeasedDelivery): string {
  return `${role} ${mailbox}`;
}

function ticketCounter(delivery: LeasedDelivery): string {
  return `${personCounter(delivery)} ${delivery.system} ${delivery.ticketId}`;
}
