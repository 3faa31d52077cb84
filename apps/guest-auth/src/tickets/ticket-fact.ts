import type { TicketEvent } from '@bellhop/contracts/events';

/** What an event tells of a guest's ticket, as far as links depend on it. */
export interface TicketFact {
  readonly ticketId: string;
  readonly number: string;
  readonly locale: string | null;
  readonly version: number;
  /** When the ticket was closed; null while it is not. */
  readonly closedAt: Date | null;
  /** Whether `closedAt` is known for certain: a ticket is open, or was closed by this very event. Another one only tells that it is closed by then. */
  readonly isSure: boolean;
}

/** Null for a ticket of somebody with an account, which has no links. */
export function ticketFactOf({ type, time, data }: TicketEvent): TicketFact | null {
  const { ticket, requester } = data;
  if (requester.kind !== 'guest') return null;
  const isClosed = ticket.status === 'closed';
  return {
    ticketId: ticket.id,
    number: ticket.number,
    locale: requester.locale ?? null,
    version: ticket.version,
    closedAt: isClosed ? new Date(time) : null,
    isSure: !isClosed || type === 'ticket.closed.v1',
  };
}

/** What several events tell of each ticket, as if they had come one after the other, the oldest first. */
export function latestFacts(facts: readonly TicketFact[]): TicketFact[] {
  const latest = new Map<string, TicketFact>();
  for (const fact of [...facts].sort((a, b) => a.version - b.version)) {
    const former = latest.get(fact.ticketId);
    if (!former) latest.set(fact.ticketId, fact);
    else if (fact.version > former.version) latest.set(fact.ticketId, follow(former, fact));
  }
  return [...latest.values()];
}

function follow(former: TicketFact, next: TicketFact): TicketFact {
  const locale = next.locale ?? former.locale;
  if (next.isSure) return { ...next, locale };
  return { ...next, locale, closedAt: former.closedAt ?? next.closedAt, isSure: former.isSure };
}
