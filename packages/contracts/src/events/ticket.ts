import { z } from 'zod';
import { CATEGORIES, PRIORITIES, PROMISE_KINDS, TICKET_STATUSES } from '../constants/words.js';
import { identifier } from '../persons/persons.js';
import { stringOf, wordOf } from '../shape.js';
import { timestamp } from './envelope.js';

export const ticketStatus = wordOf(TICKET_STATUSES);
export const priority = wordOf(PRIORITIES);
/** Our own categories. Other systems may use any slug, see {@link ticket}. */
export const category = wordOf(CATEGORIES);

/** What people read out on the phone. */
export const ticketNumber = stringOf(
  /^[A-Za-z0-9][A-Za-z0-9-]{0,23}$/,
  '1 to 24 letters, digits and dashes, beginning with a letter or digit',
).meta({ description: 'What people read out on the phone; shown in mails.', examples: ['7K4M2Q'] });

/**
 * Where the requester opens a ticket of another system. ASCII without spaces, quotes, brackets, backslashes and
 * credentials, so that every mail program takes the same host from it.
 */
export const ticketUrl = stringOf(
  /^[Hh][Tt][Tt][Pp][Ss]?:\/\/[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?(?::[0-9]{1,5})?(?:[/?#][A-Za-z0-9._~:/?#@!$&'()*+,;=%-]*)?$/,
  'an absolute http or https URL in ASCII of at most 2048 characters, special ones encoded, without a user name',
  2048,
)
  .refine((value) => URL.canParse(value), 'must be an absolute http or https URL')
  .transform((value) => value.replace(/^[A-Za-z]+/, (scheme) => scheme.toLowerCase()))
  .meta({
    description:
      'Where the requester opens the ticket; the only link of the mail. Required from other systems, below the address that is registered for the system; absent from ours.',
    examples: ['https://crm.example.com/t/7K4M2Q'],
  });

/** The ticket as an event carries it: never a subject line, never a text. */
export const ticket = z
  .object({
    id: identifier.meta({ description: 'The ticket, in the system that publishes.' }),
    number: ticketNumber,
    status: ticketStatus.meta({ description: 'After the event.' }),
    category: stringOf(
      /^[a-z0-9]+(?:-[a-z0-9]+)*$/,
      'a slug of up to 64 characters such as "deposit-withdrawal"',
      64,
    ).meta({
      description: `What it is about, a slug. Ours are ${CATEGORIES.join(', ')}.`,
      examples: ['trading'],
    }),
    priority: priority.meta({ description: '`emergency` and `vip` are sent before all others.' }),
    version: z
      .int({ error: 'must be a whole number from 1 to 9007199254740991' })
      .positive({ error: 'must be a whole number from 1 to 9007199254740991' })
      .meta({
        description:
          'Counts up with every change of the ticket. Decides which of two events is newer: one with a lower version than its recipient was notified of is skipped as overtaken.',
      }),
    url: ticketUrl.optional(),
  })
  .meta({ description: 'The ticket after the event. Never a subject line, never a text.' });

/** What was promised to the requester, and by when. */
export const promise = z
  .object({
    kind: wordOf(PROMISE_KINDS).meta({ description: 'What was promised.' }),
    at: timestamp.meta({ description: 'By when.' }),
  })
  .meta({ description: 'An answer time that was promised to the requester.' });

export type TicketStatus = z.infer<typeof ticketStatus>;
export type Priority = z.infer<typeof priority>;
export type Category = z.infer<typeof category>;
