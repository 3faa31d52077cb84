import type { TicketEvent } from '@bellhop/contracts/events';

/** What an event tells about a guest's ticket, as far as links need it. */
export interface TicketUpdate {
  readonly ticketId: string;
  readonly number: string;
  readonly locale: string | null;
  readonly version: number;
  /** When the ticket was closed; null while it is open. */
  readonly closedAt: Date | null;
  /** Whether `closedAt` is exact: the ticket is open, or this event closed it. Any other event only tells that the ticket is closed by now. */
  readonly isCertain: boolean;
}

/** Null for the ticket of somebody with an account, who gets no links. */
export function ticketUpdateOf({ type, time, data }: TicketEvent): TicketUpdate | null {
  const { ticket, requester } = data;
  if (requester.kind !== 'guest') return null;
  const isClosed = ticket.status === 'closed';
  return {
    ticketId: ticket.id,
    number: ticket.number,
    locale: requester.locale ?? null,
    version: ticket.version,
    closedAt: isClosed ? new Date(time) : null,
    isCertain: !isClosed || type === 'ticket.closed.v1',
  };
}

/** One update per ticket, with the result of applying all of them in the order of their versions. */
export function mergeUpdates(updates: readonly TicketUpdate[]): TicketUpdate[] {
  const merged = new Map<string, TicketUpdate>();
  for (const update of [...updates].sort((a, b) => a.version - b.version)) {
    const former = merged.get(update.ticketId);
    if (!former) merged.set(update.ticketId, update);
    else if (update.version > former.version) merged.set(update.ticketId, apply(former, update));
  }
  return [...merged.values()];
}

function apply(former: TicketUpdate, next: TicketUpdate): TicketUpdate {
  const locale = next.locale ?? former.locale;
  if (next.isCertain) return { ...next, locale };
  return { ...next, locale, closedAt: former.closedAt ?? next.closedAt, isCertain: former.isCertain };
}
