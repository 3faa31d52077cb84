import { createHash } from 'node:crypto';
import { identifier } from '@bellhop/contracts';

/** Who makes a request, as the OpenID provider's token says. Nothing else is believed. */
export interface Identity {
  /** Made of `sub`: stable for ever, unique at the provider, and fit to be an identifier in an event. */
  subject: string;
  /** Null: the provider says that the address is not theirs (any more). Left out: the token says nothing usable. */
  email?: string | null;
  locale?: string;
  /** IANA name from the claim `zoneinfo`. */
  timezone?: string;
  roles: string[];
}

/** Reads the claims of a token whose signature was already checked. */
export function identityOf(claims: Record<string, unknown>): Identity {
  const { sub, email, email_verified, locale, zoneinfo, roles } = claims;
  return {
    subject: accountId(String(sub)),
    ...addressOf(email, email_verified),
    ...(typeof locale === 'string' ? { locale } : {}),
    ...(typeof zoneinfo === 'string' ? { timezone: zoneinfo } : {}),
    roles: Array.isArray(roles) ? roles.filter((role) => typeof role === 'string') : [],
  };
}

/** Some providers write the boolean as text; a word that we do not know is not taken for a yes. */
function addressOf(email: unknown, isVerified: unknown): Pick<Identity, 'email'> {
  if (isVerified === false || isVerified === 'false') return { email: null };
  const isTrusted = isVerified === undefined || isVerified === true || isVerified === 'true';
  return isTrusted && typeof email === 'string' ? { email } : {};
}

/**
 * `sub` may be any 255 ASCII characters (OpenID Connect Core §2), `auth0|5f7c8ec7` for one; an identifier in an event
 * may not. Such a subject is known by its hash, which is as stable and as unique, and to every service the same.
 */
function accountId(subject: string): string {
  if (identifier.safeParse(subject).success) return subject;
  return `sha256:${createHash('sha256').update(subject).digest('base64url')}`;
}
