import { z } from 'zod';
import { emailAddress } from './email-address.js';
import { stringOf, wordOf } from './shape.js';

/** Lower-case DNS-like name of a publishing system: the second token of its subjects. Ours is `bellhop`. */
export const systemName = stringOf(
  /^[a-z][a-z0-9-]{0,31}$/,
  'a lower-case name of up to 32 letters, digits and dashes, beginning with a letter',
);

/** Opaque identifier of a ticket, message, person or agent in the system that published it. */
export const identifier = stringOf(/^[A-Za-z0-9._:-]{1,64}$/, 'an id of 1 to 64 of A-Z a-z 0-9 . _ : -');

/** A BCP 47 language tag such as `pl`, `pl-PL` or `zh-Hans-CN`. */
export const locale = stringOf(
  /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/,
  'a BCP 47 language tag such as "pl", "pl-PL" or "zh-Hans-CN"',
).meta({
  description: 'Language of the alerts, a BCP 47 tag. Languages that we do not speak get English.',
  examples: ['pl'],
});

const TIMEZONE = 'an IANA time zone such as "Europe/Warsaw"';

/** An IANA time zone such as `Europe/Warsaw`. A zone that the runtime does not know is refused. */
export const timezone = stringOf(/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/, TIMEZONE)
  .refine(isTimeZone, `must be ${TIMEZONE}`)
  .meta({
    description: 'Time zone of the dates in alerts, an IANA name. Without it: UTC.',
    examples: ['Europe/Warsaw'],
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
export const guest = z
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

/** Zones that the runtime was asked for and knows: asking costs more than all the rest of reading an event. */
const knownZones = new Set<string>();
/** Twice as many as there are: names differ in case, and come from strangers. */
const MAX_KNOWN_ZONES = 1_200;

function isTimeZone(value: string): boolean {
  if (knownZones.has(value)) return true;
  try {
    new Intl.DateTimeFormat('en', { timeZone: value });
    if (knownZones.size < MAX_KNOWN_ZONES) knownZones.add(value);
    return true;
  } catch {
    return false;
  }
}
