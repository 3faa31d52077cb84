import type { Refusal } from '@bellhop/contracts/http';
import type { Ceilings } from '../../channels/ceilings.js';
import type { Channel, ChannelName } from '../../channels/channel.js';
import { isAlert } from '../../planning/alerts.js';
import { URGENT } from '../../planning/plan.js';
import { quietUntil } from '../../planning/quiet-hours.js';
import { ruleAgainst } from '../../planning/settings.js';
import { type DeliveryTemplate, type LeasedDelivery, TICKETS_WAITING } from '../delivery.js';
import type { PreSendState } from './load-pre-send-state.js';

export type PreSendVerdict =
  | { readonly kind: 'send'; readonly template: DeliveryTemplate; readonly at: Date | null }
  | { readonly kind: 'skip'; readonly reason: Refusal }
  /** It waits, and a newer delivery may replace it. */
  | { readonly kind: 'hold'; readonly waitMs: number; readonly reason: 'ceiling' | 'quiet_hours' | 'not_checked' };

/** How many of the same claim may be sent already: by person, and by person and ticket. */
export type SentNow = Map<string, number>;

/**
 * Decides again at the last moment, because much may have happened while the alert waited. Pure, but for `sentNow`, which it adds to.
 */
export function preSendCheck(
  delivery: LeasedDelivery,
  state: PreSendState,
  channel: Pick<Channel, 'name' | 'ceilings' | 'isLoud'>,
  sentNow: SentNow,
): PreSendVerdict {
  if (state.isErased) return { kind: 'skip', reason: 'erased' };
  if (state.isExpired) return { kind: 'skip', reason: 'expired' };
  const isRequester = delivery.role === 'requester';
  if (isRequester && state.requesterKey !== null && state.requesterKey !== delivery.recipientKey) {
    return { kind: 'skip', reason: 'requester_changed' };
  }
  const isRequested = delivery.requestId !== null;
  if (!isRequested && isSeen(delivery, state)) return { kind: 'skip', reason: 'seen' };
  // A digest of many tickets is not overtaken by news of one of them.
  const isOfMany = delivery.template === TICKETS_WAITING;
  if (!isRequested && !isOfMany && state.notifiedVersion > delivery.version)
    return { kind: 'skip', reason: 'overtaken' };
  // The team's address is a setting: after correcting it, an operator must not have to lift a suppression, too.
  if (state.isSuppressed && delivery.role !== 'team') return { kind: 'skip', reason: 'address_suppressed' };
  const said = isRequested || isOfMany ? null : contentNow(delivery, state);
  const decidedAgainst = said && choiceAgainst(said.template, state, channel.name);
  if (decidedAgainst) return { kind: 'skip', reason: decidedAgainst };
  // A guest waits for it in front of the page, and guest-auth limits how often they may ask.
  if (isRequested) return { kind: 'send', template: delivery.template, at: delivery.expiresAt };
  const hold = holdOf(delivery, state, channel, sentNow);
  if (hold) return state.hasSuccessor && !isOfMany ? { kind: 'skip', reason: 'folded' } : hold;
  count(delivery, sentNow);
  return { kind: 'send', ...(said ?? { template: TICKETS_WAITING, at: null }) };
}

/** An agent has no page that says so; they mark it in their feed. What goes to the feed itself is not seen yet. */
function isSeen({ role, version, channel }: LeasedDelivery, { seenVersion, isSeenInFeed }: PreSendState): boolean {
  return role === 'requester' ? seenVersion >= version : isSeenInFeed && channel !== 'feed';
}

/** What the recipient has decided since it was planned. What they asked for themselves is none of that. */
function choiceAgainst(
  template: DeliveryTemplate,
  { choice: { isMuted, settings } }: PreSendState,
  channel: ChannelName,
): 'muted' | 'switched_off' | null {
  if (!isAlert(template)) return null;
  if (isMuted) return 'muted';
  return ruleAgainst(settings, template, channel) === null ? null : 'switched_off';
}

/**
 * What it says now. A question that was answered meanwhile becomes a plain reply. This delivery overtakes an older one that ranks
 * higher and failed, so it says what that one would have said.
 */
function contentNow(delivery: LeasedDelivery, { outranked, answeredVersion }: PreSendState) {
  if (outranked) return { template: outranked.template, at: outranked.at === null ? null : new Date(outranked.at) };
  const isAnswered = delivery.template === 'information_requested' && answeredVersion >= delivery.templateVersion;
  return isAnswered ? { template: 'replied' as const, at: null } : { template: delivery.template, at: delivery.at };
}

function holdOf(
  delivery: LeasedDelivery,
  state: PreSendState,
  { ceilings, isLoud }: Pick<Channel, 'ceilings' | 'isLoud'>,
  sentNow: SentNow,
): Extract<PreSendVerdict, { kind: 'hold' }> | null {
  const quietMs = isLoud ? quietHoursMs(delivery, state) : null;
  if (quietMs !== null) return { kind: 'hold', waitMs: quietMs, reason: 'quiet_hours' };
  const waitMs = ceilingMs(delivery, state, ceilings, sentNow);
  return waitMs === null ? null : { kind: 'hold', waitMs, reason: 'ceiling' };
}

/** They have begun while it waited for another try. Of what is urgent, nobody knows any more whether it is an emergency. */
function quietHoursMs(delivery: LeasedDelivery, { choice: { settings }, now }: PreSendState): number | null {
  const { quietHours, timeZone } = settings;
  if (!quietHours || delivery.priority <= URGENT) return null;
  const until = quietUntil(quietHours, timeZone ?? delivery.timezone ?? 'UTC', now);
  return until && until.getTime() - now.getTime();
}

function ceilingMs(
  delivery: LeasedDelivery,
  state: PreSendState,
  { perTicket, perPerson, team }: Ceilings,
  sentNow: SentNow,
): number | null {
  const sent = (counter: string) => sentNow.get(counter) ?? 0;
  const forPerson = sent(personCounter(delivery));
  if (delivery.role === 'team') {
    return state.recentForTeam + forPerson >= team.count ? team.windowMs - (state.teamAgeMs ?? 0) : null;
  }
  if (state.recentForTicket + sent(ticketCounter(delivery)) >= perTicket.count) {
    return perTicket.windowMs - (state.ticketAgeMs ?? 0);
  }
  if (delivery.role !== 'requester') return null;
  return state.recentForPerson + forPerson >= perPerson.count ? perPerson.windowMs - (state.personAgeMs ?? 0) : null;
}

function count(delivery: LeasedDelivery, sentNow: SentNow): void {
  for (const counter of [personCounter(delivery), ticketCounter(delivery)]) {
    sentNow.set(counter, (sentNow.get(counter) ?? 0) + 1);
  }
}

function personCounter({ role, ceilingKey }: LeasedDelivery): string {
  return `${role} ${ceilingKey}`;
}

function ticketCounter(delivery: LeasedDelivery): string {
  return `${personCounter(delivery)} ${delivery.system} ${delivery.ticketId}`;
}
