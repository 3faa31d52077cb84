import type { TicketEvent, TicketEventType } from '@bellhop/contracts/events';
import { type FeedKind, feedKind } from '@bellhop/contracts/http';

/** Who may be notified. `assignee_or_team`: the agent who has the ticket, else the team. */
type Audience = 'requester' | 'assignee' | 'team' | 'assignee_or_team';

/** How one kind of event becomes an alert. */
export interface AlertRule {
  readonly audience: readonly Audience[];
  /** What the alert says; the same names for every channel. */
  readonly template: FeedKind;
  /** The requester is notified without a digest window. */
  readonly isImmediate?: true;
  /** Which alert gives a digest its template: a solution (3) over an unanswered question (2) over the newest of the rest (1). */
  readonly rank: 1 | 2 | 3;
  /** A digest counts it as a reply. */
  readonly isReply?: true;
  /** When something is due, or by when an answer was promised: RFC 3339. */
  readonly momentOf?: (data: TicketEvent['data']) => string | undefined;
}

const dueAt = (data: TicketEvent['data']) => ('dueAt' in data ? data.dueAt : undefined);
const promisedAt = (data: TicketEvent['data']) => ('promise' in data ? data.promise.at : undefined);

/** Every ticket event with its alert. A missing event, or a template that does not exist, is a compile error. */
export const ALERTS = {
  'ticket.created.v1': { audience: ['requester', 'team'], template: 'created', isImmediate: true, rank: 1 },
  'ticket.replied.v1': { audience: ['requester'], template: 'replied', rank: 1, isReply: true },
  'ticket.information_requested.v1': {
    audience: ['requester'],
    template: 'information_requested',
    rank: 2,
    momentOf: dueAt,
  },
  'ticket.resolved.v1': { audience: ['requester'], template: 'resolved', isImmediate: true, rank: 3 },
  'ticket.reopened.v1': { audience: ['assignee'], template: 'reopened', rank: 1 },
  'ticket.customer_replied.v1': {
    audience: ['assignee_or_team'],
    template: 'customer_replied',
    rank: 1,
    isReply: true,
  },
  'ticket.assigned.v1': { audience: ['assignee'], template: 'assigned', rank: 1 },
  'ticket.promise_at_risk.v1': {
    audience: ['assignee'],
    template: 'promise_at_risk',
    rank: 1,
    momentOf: promisedAt,
  },
  'ticket.promise_missed.v1': {
    audience: ['assignee', 'requester'],
    template: 'promise_missed',
    rank: 1,
    momentOf: promisedAt,
  },
  'ticket.closed.v1': 'nobody',
  'ticket.promise_changed.v1': 'nobody',
  'ticket.seen.v1': 'nobody',
} as const satisfies Record<TicketEventType, AlertRule | 'nobody'>;

/** The rule of an event; null where nobody is notified. */
export function alertRuleOf(type: TicketEventType): AlertRule | null {
  const rule = ALERTS[type];
  return rule === 'nobody' ? null : rule;
}

/** Whether a message is about an event, and not one that somebody asked for or a digest of many. */
export function isAlert(template: string): template is FeedKind {
  return (feedKind.options as readonly string[]).includes(template);
}
