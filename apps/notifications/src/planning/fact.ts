import { createHash } from 'node:crypto';
import type { TicketEvent } from '@bellhop/contracts/events';

/** An event that was admitted. Its system comes from its NATS subject, never from its content. */
export interface Fact {
  readonly system: string;
  readonly event: TicketEvent;
}

/** The key of a ticket across systems, for maps in memory. No part contains a space. */
export function ticketKey(ticket: { system: string; ticketId: string }): string {
  return `${ticket.system} ${ticket.ticketId}`;
}

const CONTENT_BYTES = 8;

/**
 * A hash of what an event says. It tells a repeated event from another one with the same id, so it leaves out what a publisher may
 * change when it tries again (`time`), and language and time zone. It also leaves out fields that are added to the contract later:
 * with them, a repeated event would not match the hash that an older release stored.
 */
export function contentOf({ type, data }: TicketEvent): Buffer {
  const { ticket, requester, actor, assignee } = data;
  const { id, number, status, category, priority, version, url } = ticket;
  const content = [
    ...[type, id, number, status, category, priority, version, url],
    ...[requester.kind, requester.kind === 'user' ? requester.id : null, requester.email],
    ...[actor.kind, actor.id, assignee?.id, assignee?.email],
    'message' in data ? [data.message?.id, data.message?.hasAttachments] : null,
    'dueAt' in data ? data.dueAt : null,
    'promise' in data ? [data.promise.kind, data.promise.at] : null,
  ];
  return createHash('sha256').update(JSON.stringify(content)).digest().subarray(0, CONTENT_BYTES);
}
