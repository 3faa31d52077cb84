import { createHash } from 'node:crypto';
import { emailAddress, identifier, locale, timezone, type User } from '@bellhop/contracts';
import type { Identity } from '@bellhop/service';
import type { Viewer } from '../tickets/ticket-policy.js';
import { userOf } from './person.js';

const AGENT = 'agent';

/** The person behind a request: what events say of them, and what the policy asks of them. */
export interface Caller {
  readonly person: User;
  readonly viewer: Viewer;
}

/** Reads a token's claims as far as the contract can carry them: a claim that it cannot is left out. */
export function callerOf(identity: Identity): Caller {
  const id = accountId(identity.subject);
  const person = userOf({
    id,
    email: emailAddress.safeParse(identity.email).data ?? null,
    locale: locale.safeParse(identity.locale).data ?? null,
    timezone: timezone.safeParse(identity.timezone).data ?? null,
  });
  return { person, viewer: { id, isAgent: identity.roles.includes(AGENT) } };
}

/**
 * `sub` may be any 255 ASCII characters (OpenID Connect Core §2), `auth0|5f7c8ec7` for one; an identifier in an event
 * may not. Such a subject is known by its hash, which is as stable and as unique.
 */
function accountId(subject: string): string {
  if (identifier.safeParse(subject).success) return subject;
  return `sha256:${createHash('sha256').update(subject).digest('base64url')}`;
}
