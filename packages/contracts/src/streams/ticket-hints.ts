import { z } from 'zod';

/**
 * From replica to replica of `tickets`, over core NATS: which tickets have changed. Nothing is stored and some may be lost; every replica
 * looks into the database twice a minute.
 */
export const TICKET_HINTS_SUBJECT = 'tickets.hints.v1';

/** Ids, each with the version after the change; 0 where only the desk sees a difference. */
export const ticketHints = z.object({ tickets: z.array(z.tuple([z.uuid(), z.int()])) });

export type TicketHintsMessage = z.infer<typeof ticketHints>;
