import { createHash } from 'node:crypto';
import { identifier } from '@bellhop/contracts/persons';

const MAX_SUBJECT_LENGTH = 255;
const HASHED = 'sha256:';

/** Who makes a request, as the OpenID provider's token says. Nothing else is believed. */
export interface Identity {
  /** Made of `sub`: stable for ever, unique at the provider, and fit to be an identifier in an event. */
  subject: string;
  /** Null: the provider says that the address is not theirs (any more). Left out: the token says nothing usable. */
  email?: string | null;
  /** As the token has it, whatever it is: whoever needs it reads it as far as that goes. */
  locale?: unknown;
  /** The claim `zoneinfo`, likewise. */
  timezone?: unknown;
  roles: string[];
}

/** A token that names nobody: `sub` must be 1 to 255 characters (OpenID Connect Core §2). */
export class InvalidSubjectError extends Error {
  constructor() {
    super('the claim sub is no text of 1 to 255 characters');
    this.name = 'InvalidSubjectError';
  }
}

/**
 * Reads the claims of a token whose signature was already checked.
 *
 * @param trustsEmail an address counts also where the token does not say whether it is theirs
 * @throws InvalidSubjectError
 */
export function identityOf(claims: Record<string, unknown>, trustsEmail = false): Identity {
  const { sub, email, email_verified, locale, zoneinfo, roles } = claims;
  return {
    subject: accountId(sub),
    ...addressOf(email, email_verified ?? (trustsEmail || undefined)),
    ...(locale != null && { locale }),
    ...(zoneinfo != null && { timezone: zoneinfo }),
    roles: Array.isArray(roles) ? roles.filter((role) => typeof role === 'string') : [],
  };
}

/** Some providers write the boolean as text; no word, or one that we do not know, is not taken for a yes. */
function addressOf(email: unknown, isVerified: unknown): Pick<Identity, 'email'> {
  if (isVerified === false || isVerified === 'false') return { email: null };
  const isTrusted = isVerified === true || isVerified === 'true';
  return isTrusted && typeof email === 'string' ? { email } : {};
}

/**
 * `sub` may be any 255 ASCII characters (OpenID Connect Core §2), `auth0|5f7c8ec7` for one; an identifier in an event
 * may not. Such a subject is known by its hash, which is as stable and as unique, and to every service the same.
 * So is one that looks like such a hash, or somebody could choose a name that is another one's hash.
 */
function accountId(subject: unknown): string {
  if (typeof subject !== 'string' || subject === '' || subject.length > MAX_SUBJECT_LENGTH) {
    throw new InvalidSubjectError();
  }
  if (!subject.startsWith(HASHED) && identifier.safeParse(subject).success) return subject;
  return `${HASHED}${createHash('sha256').update(subject).digest('base64url')}`;
}
