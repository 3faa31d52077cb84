import { z } from 'zod';

/** Lower-case DNS-like name of a publishing system: the second token of its subjects. Ours is `bellhop`. */
export const systemName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,31}$/, 'a lower-case name of up to 32 letters, digits and dashes');

/** Opaque identifier of a ticket, message, person or agent in the system that published it. */
export const identifier = z.string().regex(/^[A-Za-z0-9._:-]{1,64}$/, '1 to 64 of A-Z a-z 0-9 . _ : -');

/** An e-mail address. RFC 5321 §4.5.3.1.3 limits a path to 254 usable characters. */
export const emailAddress = z.email().max(254);

/** A BCP 47 language tag such as `pl`, `pl-PL` or `zh-Hans-CN`. */
export const locale = z
  .string()
  .regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/, 'a BCP 47 tag such as "pl" or "pl-PL"');

/** An IANA time zone such as `Europe/Warsaw`. A zone that the runtime does not know is refused. */
export const timezone = z.string().max(64).refine(isTimeZone, 'an IANA time zone such as "Europe/Warsaw"');

/** Someone with an account. Without `email` there is no e-mail alert. */
export const user = z.object({
  kind: z.literal('user'),
  id: identifier,
  email: emailAddress.optional(),
  locale: locale.optional(),
  timezone: timezone.optional(),
});

/** Someone without an account: nothing but a mailbox. */
export const guest = z.object({
  kind: z.literal('guest'),
  email: emailAddress,
  locale: locale.optional(),
});

export const requester = z.discriminatedUnion('kind', [user, guest]);

/** Who caused the event. */
export const actor = z.object({
  kind: z.enum(['customer', 'agent', 'system']),
  id: identifier.optional(),
});

export type User = z.infer<typeof user>;
export type Guest = z.infer<typeof guest>;
export type Requester = z.infer<typeof requester>;
export type Actor = z.infer<typeof actor>;

function isTimeZone(value: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: value });
    return true;
  } catch {
    return false;
  }
}
