import { createHash } from 'node:crypto';
import { identifier } from '@bellhop/contracts';

/** Who makes a request, as the OpenID provider's token says. Nothing else is believed. */
export interface Identity {
  /** Made of `sub`: stable for ever, unique at the provider, and fit to be an identifier in an event. */
  subject: string;
  /** Only if the provider does not say that it is unverified. */
  email?: string;
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
    ...(typeof email === 'string' && email_verified !== false ? { email } : {}),
    ...(typeof locale === 'string' ? { locale } : {}),
    ...(typeof zoneinfo === 'string' ? { timezone: zoneinfo } : {}),
    roles: Array.isArray(roles) ? roles.filter((role) => typeof role === 'string') : [],
  };
}

/**
 * `sub` may be any 255 ASCII characters (OpenID Connect Core §2), `auth0|5f7c8ec7` for one; an identifier in an event
 * may not. Such a subject is known by its hash, which is as stable and as unique, and to every service the same.
 */
function accountId(subject: string): string {
  if (identifier.safeParse(subject).success) return subject;
  return `sha256:${createHash('sha256').update(subject).digest('base64url')}`;
}
