import type { ChannelName, Priority } from '@bellhop/contracts/events';
import type { FeedKind } from '@bellhop/contracts/http';
import { type AlertRule, alertRuleOf } from './alerts.js';
import type { Fact } from './fact.js';
import { isActor, type Recipient } from './recipients.js';
import { mailAfterMinutes, type PersonSettings, ruleAgainst } from './settings.js';
import { afterChannel, afterQuietHours, type DigestWindow, inWindow, type Timing, WAITS_FOR } from './timing.js';

export type { ChannelName };

/** Why somebody is not notified of a fact. Stable codes: operators see them, and events carry them. */
export type SkipReason =
  | 'nobody_hears'
  | 'no_address'
  | 'no_endpoint'
  | 'no_device'
  | 'not_on_channel'
  | 'own_action'
  | 'muted'
  | 'switched_off'
  | 'overtaken'
  | 'seen'
  | 'requester_changed'
  | 'address_suppressed'
  | 'expired'
  | 'erased';

/** What planning needs to know of a channel. */
export interface PlannedChannel {
  readonly name: ChannelName;
  /** Where this channel reaches a person: an address, an account. Null when it does not. */
  endpointOf(recipient: Recipient): string | null;
  /** Why a person without an endpoint is skipped. */
  readonly noEndpoint: 'no_address' | 'no_endpoint' | 'no_device';
  /** What this channel tells nobody of: skipped as `not_on_channel`. */
  readonly leavesOut?: ReadonlySet<FeedKind> | undefined;
  readonly digestWindow: DigestWindow;
  /** It makes itself heard at night, so that quiet hours put it off. */
  readonly isLoud?: boolean;
}

/** One alert that should reach one person over one channel. Several make one digest. */
export interface Alert {
  readonly recipient: Recipient;
  readonly channel: ChannelName;
  readonly endpoint: string;
  readonly template: FeedKind;
  readonly rank: AlertRule['rank'];
  readonly isReply: boolean;
  /** When something is due or was promised. */
  readonly at: string | undefined;
  readonly priority: number;
  /** Its rule, where there is one, is the person's. */
  readonly timing: Timing;
}

interface Skip {
  readonly kind: 'skip';
  readonly recipient: Recipient;
  readonly channel: ChannelName;
  readonly reason: SkipReason;
  /** The setting of the person that decided, such as `replied.email`; null: none. */
  readonly rule: string | null;
}

export type Decision =
  | { readonly kind: 'deliver'; readonly alert: Alert }
  | Skip
  /** Nobody is notified of such an event, over any channel. */
  | { readonly kind: 'nobody'; readonly reason: SkipReason };

/** What was already known when the fact arrived. Versions are those of its ticket, 0 when there was nothing. */
export interface Knowledge {
  readonly now: Date;
  /** The newest version that this recipient was notified of over a channel. */
  notified(recipient: Recipient, channel: ChannelName): number;
  /** The newest version that the requester has seen. */
  readonly seen: number;
  /** Whether anything of this person is behind an endpoint now, where a channel has to look that up. Without it: yes. */
  isReached?(channel: ChannelName, endpoint: string): boolean;
  settingsOf(recipient: Recipient): PersonSettings;
  /** Whether the recipient has muted this ticket. */
  isMuted(recipient: Recipient): boolean;
}

/** Emergency and VIP tickets go first: a smaller number is more urgent. */
export const URGENT = 1;
const USUAL = 2;

/**
 * Decides who is notified of a fact, over which channel and when, and why not. Pure. There is exactly one decision for each recipient
 * and channel; a fact that nobody is notified of gets one decision without either, so that "why not" always has an answer.
 */
export function plan(
  fact: Fact,
  recipients: readonly Recipient[],
  knowledge: Knowledge,
  channels: readonly PlannedChannel[],
): Decision[] {
  const rule = alertRuleOf(fact.event.type);
  if (!rule || recipients.length === 0) return [{ kind: 'nobody', reason: 'nobody_hears' }];
  return recipients.flatMap((recipient) => {
    const settings = knowledge.settingsOf(recipient);
    const reached = channels.map((channel) => {
      const candidate = { fact, rule, recipient, channel, settings };
      return { candidate, found: endpointOf(candidate, knowledge) };
    });
    const candidates = reached.flatMap(({ candidate, found }) => (typeof found === 'string' ? candidate : []));
    return reached.map(({ candidate, found }) => {
      if (typeof found !== 'string') return found;
      return { kind: 'deliver', alert: alertOf(candidate, found, timingOf(candidate, candidates, knowledge.now)) };
    });
  });
}

interface Candidate {
  readonly fact: Fact;
  readonly rule: AlertRule;
  readonly recipient: Recipient;
  readonly channel: PlannedChannel;
  readonly settings: PersonSettings;
}

/** Where the channel reaches the recipient, or why it does not. */
function endpointOf(candidate: Candidate, knowledge: Knowledge): string | Skip {
  const { recipient, channel, rule, settings } = candidate;
  const skip = (reason: SkipReason, by: string | null = null): Skip => {
    return { kind: 'skip', recipient, channel: channel.name, reason, rule: by };
  };
  if (isOwnAction(candidate)) return skip('own_action');
  if (channel.leavesOut?.has(rule.template)) return skip('not_on_channel');
  if (knowledge.isMuted(recipient)) return skip('muted', 'mute');
  const against = ruleAgainst(settings, rule.template, channel.name);
  if (against !== null) return skip('switched_off', against);
  const endpoint = channel.endpointOf(recipient);
  if (endpoint === null || knowledge.isReached?.(channel.name, endpoint) === false) return skip(channel.noEndpoint);
  const reason = alreadyKnown(candidate, knowledge);
  return reason ? skip(reason) : endpoint;
}

/** Nobody is told of their own deed, in whatever role; but a requester gets the receipt of what they filed. */
function isOwnAction({ fact, recipient, rule }: Candidate): boolean {
  return rule.template !== 'created' && isActor(fact, recipient);
}

function alreadyKnown({ fact, recipient, channel }: Candidate, knowledge: Knowledge): SkipReason | undefined {
  const { version } = fact.event.data.ticket;
  if (version < knowledge.notified(recipient, channel.name)) return 'overtaken';
  return recipient.role === 'requester' && version <= knowledge.seen ? 'seen' : undefined;
}

/** @param others the channels that tell the same person of the same fact, this one among them */
function timingOf(candidate: Candidate, others: readonly Candidate[], now: Date): Timing {
  const { channel, settings, recipient, rule, fact } = candidate;
  const before = others.find((other) => other.channel.name === WAITS_FOR[channel.name]);
  const minutes = before ? mailAfterMinutes(settings, recipient.role) : 0;
  const isImmediate = recipient.role === 'requester' && rule.isImmediate === true;
  // Counted from when the other would go without quiet hours: a mail disturbs nobody at night.
  if (before && minutes > 0) return afterChannel(inWindow(now, before.channel.digestWindow, isImmediate), minutes);
  const timing = inWindow(now, channel.digestWindow, isImmediate);
  const { quietHours } = settings;
  if (!quietHours || !channel.isLoud || fact.event.data.ticket.priority === 'emergency') return timing;
  return afterQuietHours(timing, quietHours, recipient.timezone ?? 'UTC');
}

function alertOf({ fact, rule, recipient, channel }: Candidate, endpoint: string, timing: Timing): Alert {
  const { data } = fact.event;
  return {
    recipient,
    channel: channel.name,
    endpoint,
    template: rule.template,
    rank: rule.rank,
    isReply: rule.isReply === true,
    at: inUtc(rule.momentOf?.(data)),
    priority: priorityOf(data.ticket.priority),
    timing,
  };
}

/** Postgres accepts offsets up to 15:59 only; the contract accepts larger ones. */
function inUtc(time: string | undefined): string | undefined {
  return time && new Date(time).toISOString();
}

function priorityOf(priority: Priority): number {
  return priority === 'emergency' || priority === 'vip' ? URGENT : USUAL;
}
