import { z } from 'zod';
import { stringOf, wordOf } from '../shape.js';
import { emailAddress } from './email-address.js';
import { locale } from './locale.js';
import { timezone } from './timezone.js';

/** Opaque identifier of a ticket, message, person or agent in the system that published it. */
export const identifier = stringOf(/^[A-Za-z0-9._:-]{1,64}$/, 'an id of 1 to 64 of A-Z a-z 0-9 . _ : -').meta({
  examples: ['48213'],
});

/** Someone with an account. Without `email` there is no e-mail alert. */
export const user = z
  .object({
    kind: z.literal('user', { error: 'must be "user"' }).meta({ description: 'Someone with an account.' }),
    id: identifier.meta({
      description: 'The account, in the system that publishes. Never taken for an account of ours.',
    }),
    email: emailAddress.optional().meta({ description: 'Where e-mail goes. Without it there is none.' }),
    locale: locale.optional(),
    timezone: timezone.optional(),
  })
  .meta({ description: 'Someone with an account.' });

/** Someone without an account: nothing but a mailbox. */
const guest = z
  .object({
    kind: z.literal('guest', { error: 'must be "guest"' }).meta({ description: 'Someone without an account.' }),
    email: emailAddress.meta({ description: 'The mailbox: where alerts go, and who the guest is.' }),
    locale: locale.optional(),
  })
  .meta({ description: 'Someone without an account: nothing but a mailbox.' });

export const requester = z
  .discriminatedUnion('kind', [user, guest], {
    error: (issue) => (issue.code === 'invalid_union' ? 'must be "user" or "guest"' : undefined),
  })
  .meta({ description: 'Who filed the ticket. No display name: what is not in the event cannot leak into a mail.' });

/** Who caused the event. */
export const actor = z
  .object({
    kind: wordOf(['customer', 'agent', 'system']).meta({ description: 'In which role.' }),
    id: identifier.optional().meta({ description: 'Who it was, in the system that publishes.' }),
  })
  .meta({ description: 'Who caused the event.' });

export type User = z.infer<typeof user>;
export type Guest = z.infer<typeof guest>;
export type Requester = z.infer<typeof requester>;
export type Actor = z.infer<typeof actor>;
