import type { Priority, TicketEventType } from '@bellhop/contracts/events';
import type { Fact } from './fact.js';
import type { Recipient } from './recipients.js';

/** What a mail says; the same names as the e-mail templates. */
export type Template =
  | 'created'
  | 'replied'
  | 'information_requested'
  | 'resolved'
  | 'reopened'
  | 'customer_replied'
  | 'assigned'
  | 'promise_at_risk'
  | 'promise_missed';

/** Why somebody does not hear of a fact. Stable codes: they are answers to "why not", and go out in events. */
export type SkipReason =
  | 'nobody_hears'
  | 'no_address'
  | 'own_action'
  | 'overtaken'
  | 'seen'
  | 'requester_changed'
  | 'address_suppressed'
  | 'expired'
  | 'erased';

/** One alert that should reach one person. Several fold into one delivery. */
export interface Alert {
  readonly recipient: Recipient & { readonly address: string };
  readonly template: Template;
  /** When something is due or was promised. */
  readonly at?: string;
  readonly priority: number;
  readonly isImmediate: boolean;
  readonly dueAt: Date;
}

export type Decision =
  | { readonly kind: 'deliver'; readonly alert: Alert }
  | { readonly kind: 'skip'; readonly recipient?: Recipient; readonly reason: SkipReason };

/** What was already known when the fact arrived. Both are ticket versions, 0 when there was nothing. */
export interface Knowledge {
  /** The newest version that this recipient was told of, over e-mail. */
  told(recipient: Recipient): number;
  /** The newest version that the requester has had on the screen. */
  readonly seen: number;
}

export interface PlanningPolicy {
  /** How long a mail waits for more to say, in milliseconds. */
  readonly quietMs: number;
}

/** Emergency and VIP tickets go before the rest; smaller goes first. */
const URGENT = 1;
const USUAL = 2;

/**
 * Decides who hears of a fact, when and why not. Pure; every recipient gets exactly one decision, and a fact that
 * nobody hears of gets one decision without a recipient, so that "why not" always has an answer.
 */
export function plan(
  fact: Fact,
  recipients: readonly Recipient[],
  knowledge: Knowledge,
  policy: PlanningPolicy,
  now: Date,
): Decision[] {
  if (recipients.length === 0) return [{ kind: 'skip', reason: 'nobody_hears' }];
  return recipients.map((recipient): Decision => {
    const reason = reasonToSkip(fact, recipient, knowledge);
    if (reason) return { kind: 'skip', recipient, reason };
    return { kind: 'deliver', alert: alertFor(fact, recipient as Alert['recipient'], policy, now) };
  });
}

function reasonToSkip(fact: Fact, recipient: Recipient, knowledge: Knowledge): SkipReason | undefined {
  const { version } = fact.event.data.ticket;
  const { actor } = fact.event.data;
  if (recipient.role === 'assignee' && actor.kind === 'agent' && actor.id === recipient.id) return 'own_action';
  if (!recipient.address) return 'no_address';
  if (version < knowledge.told(recipient)) return 'overtaken';
  if (recipient.role === 'requester' && version <= knowledge.seen) return 'seen';
  return undefined;
}

function alertFor(fact: Fact, recipient: Alert['recipient'], policy: PlanningPolicy, now: Date): Alert {
  const isImmediate = recipient.role === 'requester' && IMMEDIATE.has(fact.event.type);
  const at = momentOf(fact);
  return {
    recipient,
    template: fact.event.type.split('.')[1] as Template,
    ...(at && { at }),
    priority: priorityOf(fact.event.data.ticket.priority),
    isImmediate,
    dueAt: isImmediate ? now : new Date(now.getTime() + policy.quietMs),
  };
}

/** Receipts and solutions do not wait for more to say. */
const IMMEDIATE: ReadonlySet<TicketEventType> = new Set<TicketEventType>(['ticket.created.v1', 'ticket.resolved.v1']);

function momentOf({ event }: Fact): string | undefined {
  if (event.type === 'ticket.information_requested.v1') return inUtc(event.data.dueAt);
  if (event.type === 'ticket.promise_at_risk.v1' || event.type === 'ticket.promise_missed.v1') {
    return inUtc(event.data.promise.at);
  }
  return undefined;
}

/** Postgres knows offsets up to 15:59 only, the contract all that can be written. */
function inUtc(time: string | undefined): string | undefined {
  return time && new Date(time).toISOString();
}

function priorityOf(priority: Priority): number {
  return priority === 'emergency' || priority === 'vip' ? URGENT : USUAL;
}
