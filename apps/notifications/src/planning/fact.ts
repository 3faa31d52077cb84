import { createHash } from 'node:crypto';
import type { TicketEvent } from '@bellhop/contracts/events';

/** An event that was let in: whose it is was read from its NATS subject, never from its content. */
export interface Fact {
  readonly system: string;
  readonly event: TicketEvent;
}

/** The key of a ticket across systems, for maps in memory. No part can hold a space. */
export function ticketKey(ticket: { system: string; ticketId: string }): string {
  return `${ticket.system} ${ticket.ticketId}`;
}

const CONTENT_BYTES = 8;

/**
 * A hash of what an event says: what its publisher would not change for a second try. Not of its `time`, which may be that of the
 * try, nor of how mails look. Fields that are added to the contract stay out, or a copy would differ from what an older reader kept.
 */
export function contentOf({ type, data }: TicketEvent): Buffer {
  const { ticket, requester, actor, assignee } = data;
  const { id, number, status, category, priority, version, url } = ticket;
  const said = [
    ...[type, id, number, status, category, priority, version, url],
    ...[requester.kind, requester.kind === 'user' ? requester.id : null, requester.email],
    ...[actor.kind, actor.id, assignee?.id, assignee?.email],
    'message' in data ? [data.message?.id, data.message?.hasAttachments] : null,
    'dueAt' in data ? data.dueAt : null,
    'promise' in data ? [data.promise.kind, data.promise.at] : null,
  ];
  return createHash('sha256').update(JSON.stringify(said)).digest().subarray(0, CONTENT_BYTES);
}
