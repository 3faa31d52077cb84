import { createHash } from 'node:crypto';
import { identifier } from '@bellhop/contracts/persons';

const MAX_SUBJECT_LENGTH = 255;
const HASHED = 'sha256:';

/** The caller, as the OpenID provider's token says. Nothing else is trusted. */
export interface Identity {
  /** Made of `sub`: stable, unique at the provider, and a valid identifier in events. */
  subject: string;
  /** Null: the provider says that the address is not theirs (any more). Left out: the token says nothing usable. */
  email?: string | null;
  /** As it is in the token, unchecked. */
  locale?: unknown;
  /** The claim `zoneinfo`, likewise. */
  timezone?: unknown;
  roles: string[];
  /** When the person signed in; a token that is renewed keeps it (OpenID Connect Core §2). Left out: the token does not say. */
  signedInAt?: Date;
  /** When the token ends. Every token that was verified says so. */
  expiresAt?: Date;
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
 * @param trustsEmail accepts an address of which the token does not say whether it is verified
 * @throws InvalidSubjectError
 */
export function identityOf(claims: Record<string, unknown>, trustsEmail = false): Identity {
  const { sub, email, email_verified, locale, zoneinfo, roles, auth_time, exp } = claims;
  return {
    subject: accountId(sub),
    ...addressOf(email, email_verified ?? (trustsEmail || undefined)),
    ...(locale != null && { locale }),
    ...(zoneinfo != null && { timezone: zoneinfo }),
    roles: Array.isArray(roles) ? roles.filter((role) => typeof role === 'string') : [],
    ...(typeof auth_time === 'number' && { signedInAt: new Date(auth_time * 1000) }),
    ...(typeof exp === 'number' && { expiresAt: new Date(exp * 1000) }),
  };
}

/** Some providers write the boolean as text; any other text is not a yes. */
function addressOf(email: unknown, isVerified: unknown): Pick<Identity, 'email'> {
  if (isVerified === false || isVerified === 'false') return { email: null };
  const isTrusted = isVerified === true || isVerified === 'true';
  return isTrusted && typeof email === 'string' ? { email } : {};
}

/**
 * `sub` may be any 255 ASCII characters (OpenID Connect Core §2), `auth0|5f7c8ec7` for one; an identifier in an event
 * may not. Such a subject is replaced by its hash, which is as stable and unique, and the same in every service. So is a subject that looks
 * like such a hash, or somebody could choose a name that is another one's hash.
 */
function accountId(subject: unknown): string {
  if (typeof subject !== 'string' || subject === '' || subject.length > MAX_SUBJECT_LENGTH) {
    throw new InvalidSubjectError();
  }
  if (!subject.startsWith(HASHED) && identifier.safeParse(subject).success) return subject;
  return `${HASHED}${createHash('sha256').update(subject).digest('base64url')}`;
}
