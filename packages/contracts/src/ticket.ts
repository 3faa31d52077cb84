import { z } from 'zod';
import { timestamp } from './envelope.js';
import { identifier } from './persons.js';

export const TICKET_STATUSES = ['unverified', 'open', 'waiting', 'resolved', 'closed'] as const;
export const PRIORITIES = ['low', 'normal', 'high', 'vip', 'emergency'] as const;
export const CATEGORIES = ['account-security', 'deposit-withdrawal', 'trading', 'promotions', 'other'] as const;

export const ticketStatus = z.enum(TICKET_STATUSES);
export const priority = z.enum(PRIORITIES);
/** Our own categories. Other systems may use any slug, see {@link ticket}. */
export const category = z.enum(CATEGORIES);

/** What people read out on the phone. */
export const ticketNumber = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,23}$/, '1 to 24 letters, digits and dashes, starting with a letter or digit');

/** The ticket as an event carries it: never a subject line, never a text. */
export const ticket = z.object({
  id: identifier,
  number: ticketNumber,
  status: ticketStatus,
  category: z
    .string()
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'a slug such as "deposit-withdrawal"')
    .max(64),
  priority,
  /** Counts up with every change of the ticket; settles which of two facts is newer. */
  version: z.int().positive(),
  /** Where the requester opens the ticket. Required from other systems, absent from ours. */
  url: z
    .url({ protocol: /^https?$/ })
    .max(2048)
    .optional(),
});

/** What was promised to the requester, and by when. */
export const promise = z.object({ kind: z.enum(['first_answer', 'next_answer', 'solution']), at: timestamp });

export type TicketStatus = z.infer<typeof ticketStatus>;
export type Priority = z.infer<typeof priority>;
export type Category = z.infer<typeof category>;
export type Ticket = z.infer<typeof ticket>;
export type Promised = z.infer<typeof promise>;
