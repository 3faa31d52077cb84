import { randomUUID } from 'node:crypto';
import { inboundSubjectOf, subjectOf, type TicketEventType } from '@bellhop/contracts/events';
import { buildEvent } from '@bellhop/contracts/testing';
import type { OutgoingMessage } from '@bellhop/jetstream';

export interface Kind {
  readonly type: TicketEventType;
  readonly requester: 'user' | 'guest';
  /** Take turns. Default: each event is about another person. */
  readonly people?: readonly string[];
  /** The outside system that it is of. Default: it is of `tickets`. */
  readonly system?: string;
}

/** Where the tickets of an outside system open: `INBOUND_SYSTEMS` has to name it so. */
export const siteOf = (system: string): string => `https://${system}.example.com/`;

/** Its mails wait in a digest window that is longer than any benchmark. */
export const QUIET: Kind = { type: 'ticket.replied.v1', requester: 'user' };
/** One person is notified at once. */
export const URGENT: Kind = { type: 'ticket.resolved.v1', requester: 'user' };
export const URGENT_FOR_GUESTS: Kind = { type: 'ticket.resolved.v1', requester: 'guest' };

/** The parts that differ: each event is about another ticket. */
const MARKS = ['event-id', 'ticket-id', 'person'] as const;

/**
 * Makes valid events, each about another ticket, from a text with placeholders: making a million of them must not cost more
 * than what is measured.
 */
export function events({ type, requester, people, system }: Kind): () => OutgoingMessage {
  const [eventId, ticketId, person] = MARKS;
  const email = `${person}@example.test`;
  const model = buildEvent(
    type,
    {
      ticket: { id: ticketId, version: 2, ...(system !== undefined && { url: `${siteOf(system)}${ticketId}` }) },
      requester:
        requester === 'guest'
          ? { kind: 'guest', email }
          : { kind: 'user', id: person, email, locale: 'de', timezone: 'Europe/Berlin' },
    },
    { id: eventId },
  );
  const pieces = JSON.stringify(model).split(new RegExp(`(${MARKS.join('|')})`));
  const subject = system === undefined ? subjectOf(type) : inboundSubjectOf(system, type);
  let next = 0;
  return () => {
    const id = randomUUID();
    const who = people?.[next++ % people.length] ?? `p-${id}`;
    const filling: Record<string, string> = { [eventId]: id, [ticketId]: randomUUID(), [person]: who };
    return { subject, id, data: Buffer.from(pieces.map((piece) => filling[piece] ?? piece).join('')) };
  };
}
