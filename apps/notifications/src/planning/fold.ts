import type { Fact } from './fact.js';
import type { Alert, Template } from './plan.js';

/** How many event ids a delivery carries, the newest ones. Every decision names its delivery, so none is out of reach. */
export const MAX_EVENT_IDS = 100;

/**
 * What one mail will say: the alerts of one recipient about one ticket over one channel, folded together.
 * The same rules stand as SQL in `intake/fold-deliveries.ts`, for what is already pending; a test keeps them equal.
 */
export interface FoldedAlert {
  readonly system: string;
  readonly ticketId: string;
  readonly ticketNumber: string;
  readonly ticketUrl?: string;
  /** The newest version that is told of. */
  readonly version: number;
  readonly recipient: Alert['recipient'];
  readonly template: Template;
  /** The version of the fact that the template comes from. */
  readonly templateVersion: number;
  readonly at?: string;
  /** Answers told of at once: of agents to a requester, of the requester to an agent. */
  readonly replies: number;
  /** Oldest first, at most {@link MAX_EVENT_IDS}. */
  readonly eventIds: readonly string[];
  readonly priority: number;
  readonly isImmediate: boolean;
  readonly firstAt: Date;
  readonly dueAt: Date;
}

/** A solution says more than a question, a question more than the newest of the rest. */
export function rankOf(template: Template): number {
  if (template === 'resolved') return 3;
  return template === 'information_requested' ? 2 : 1;
}

/** An alert as a delivery of its own. `now` is when it arrived. */
export function unfolded(fact: Fact, alert: Alert, now: Date): FoldedAlert {
  const { ticket } = fact.event.data;
  return {
    system: fact.system,
    ticketId: ticket.id,
    ticketNumber: ticket.number,
    ...(ticket.url && { ticketUrl: ticket.url }),
    version: ticket.version,
    recipient: alert.recipient,
    template: alert.template,
    templateVersion: ticket.version,
    ...(alert.at && { at: alert.at }),
    replies: alert.template === 'replied' || alert.template === 'customer_replied' ? 1 : 0,
    eventIds: [fact.event.id],
    priority: alert.priority,
    isImmediate: alert.isImmediate,
    firstAt: now,
    dueAt: alert.dueAt,
  };
}

/**
 * Folds a fact that arrived later into what is pending. Null when it is older than what is pending already: overtaken.
 * @param answered the newest version at which the requester answered; a question up to it is a question no longer
 * @param maxWaitMs how long the first of them may wait for the last
 */
export function fold(pending: FoldedAlert, next: FoldedAlert, answered: number, maxWaitMs: number): FoldedAlert | null {
  if (next.version < pending.version) return null;
  const isAnswered = pending.template === 'information_requested' && pending.templateVersion <= answered;
  const speaker = rankOf(next.template) >= (isAnswered ? 1 : rankOf(pending.template)) ? next : pending;
  const latest = new Date(pending.firstAt.getTime() + maxWaitMs);
  const { at: _, ...rest } = next;
  return {
    ...rest,
    template: speaker.template,
    templateVersion: speaker.templateVersion,
    ...(speaker.at && { at: speaker.at }),
    replies: pending.replies + next.replies,
    eventIds: [...pending.eventIds, ...next.eventIds].slice(-MAX_EVENT_IDS),
    priority: Math.min(pending.priority, next.priority),
    isImmediate: pending.isImmediate || next.isImmediate,
    firstAt: pending.firstAt,
    dueAt: pending.isImmediate ? pending.dueAt : next.dueAt < latest ? next.dueAt : latest,
  };
}
