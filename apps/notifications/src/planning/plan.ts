import type { ChannelName, Priority } from '@bellhop/contracts/events';
import type { TemplateName } from '@bellhop/email-templates';
import { type AlertRule, alertRuleOf } from './alerts.js';
import type { Fact } from './fact.js';
import type { Recipient } from './recipients.js';

export type { ChannelName };

/** Why somebody is not notified of a fact. Stable codes: operators see them, and events carry them. */
export type SkipReason =
  | 'nobody_hears'
  | 'no_address'
  | 'no_endpoint'
  | 'no_device'
  | 'not_on_channel'
  | 'own_action'
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
  readonly leavesOut?: ReadonlySet<TemplateName> | undefined;
}

/** One alert that should reach one person over one channel. Several make one digest. */
export interface Alert {
  readonly recipient: Recipient;
  readonly channel: ChannelName;
  readonly endpoint: string;
  readonly template: TemplateName;
  readonly rank: AlertRule['rank'];
  readonly isReply: boolean;
  /** When something is due or was promised. */
  readonly at: string | undefined;
  readonly priority: number;
  /** It skips the digest window. */
  readonly isImmediate: boolean;
}

export type Decision =
  | { readonly kind: 'deliver'; readonly alert: Alert }
  | { readonly kind: 'skip'; readonly recipient: Recipient; readonly channel: ChannelName; readonly reason: SkipReason }
  /** Nobody is notified of such an event, over any channel. */
  | { readonly kind: 'nobody'; readonly reason: SkipReason };

/** What was already known when the fact arrived. Both are ticket versions, 0 when there was nothing. */
export interface Knowledge {
  /** The newest version that this recipient was notified of over a channel. */
  notified(recipient: Recipient, channel: ChannelName): number;
  /** The newest version that the requester has seen. */
  readonly seen: number;
  /** Whether anything of this person is behind an endpoint now, where a channel has to look that up. Without it: yes. */
  isReached?(channel: ChannelName, endpoint: string): boolean;
}

/** Emergency and VIP tickets go first: a smaller number is more urgent. */
const URGENT = 1;
const USUAL = 2;

/**
 * Decides who is notified of a fact, over which channel, and why not. Pure. There is exactly one decision for each recipient
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
  return recipients.flatMap((recipient) =>
    channels.map((channel) => decide({ fact, rule, recipient, channel }, knowledge)),
  );
}

interface Candidate {
  readonly fact: Fact;
  readonly rule: AlertRule;
  readonly recipient: Recipient;
  readonly channel: PlannedChannel;
}

function decide(candidate: Candidate, knowledge: Knowledge): Decision {
  const { recipient, channel } = candidate;
  const skip = (reason: SkipReason) => ({ kind: 'skip', recipient, channel: channel.name, reason }) as const;
  if (isOwnAction(candidate)) return skip('own_action');
  if (channel.leavesOut?.has(candidate.rule.template)) return skip('not_on_channel');
  const endpoint = channel.endpointOf(recipient);
  if (endpoint === null || knowledge.isReached?.(channel.name, endpoint) === false) return skip(channel.noEndpoint);
  const reason = alreadyKnown(candidate, knowledge);
  return reason ? skip(reason) : { kind: 'deliver', alert: alertOf(candidate, endpoint) };
}

function isOwnAction({ fact, recipient }: Candidate): boolean {
  const { actor } = fact.event.data;
  return recipient.role === 'assignee' && actor.kind === 'agent' && actor.id === recipient.id;
}

function alreadyKnown({ fact, recipient, channel }: Candidate, knowledge: Knowledge): SkipReason | undefined {
  const { version } = fact.event.data.ticket;
  if (version < knowledge.notified(recipient, channel.name)) return 'overtaken';
  return recipient.role === 'requester' && version <= knowledge.seen ? 'seen' : undefined;
}

function alertOf({ fact, rule, recipient, channel }: Candidate, endpoint: string): Alert {
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
    isImmediate: recipient.role === 'requester' && rule.isImmediate === true,
  };
}

/** Postgres accepts offsets up to 15:59 only; the contract accepts larger ones. */
function inUtc(time: string | undefined): string | undefined {
  return time && new Date(time).toISOString();
}

function priorityOf(priority: Priority): number {
  return priority === 'emergency' || priority === 'vip' ? URGENT : USUAL;
}
