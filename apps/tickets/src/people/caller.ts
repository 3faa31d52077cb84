import { locale, timezone, typedEmailAddress, type User } from '@bellhop/contracts';
import type { Identity } from '@bellhop/service';
import type { Viewer } from '../tickets/ticket-policy.js';
import { type ClaimedPerson, userOf } from './person.js';

const AGENT = 'agent';

/** The person behind a request: what events say of them, and what the policy asks of them. */
export interface Caller {
  readonly person: User;
  readonly viewer: Viewer;
}

export interface ClaimedCaller {
  readonly person: ClaimedPerson;
  readonly viewer: Viewer;
}

/** Reads a token's claims as far as the contract can carry them: a claim that it cannot is left out. */
export function callerOf(identity: Identity): ClaimedCaller {
  const id = identity.subject;
  const person = userOf({
    id,
    email: typedEmailAddress.safeParse(identity.email).data ?? null,
    locale: locale.safeParse(identity.locale).data ?? null,
    timezone: timezone.safeParse(identity.timezone).data ?? null,
  });
  const claimed = identity.email === null ? { ...person, email: null } : person;
  return { person: claimed, viewer: { id, isAgent: identity.roles.includes(AGENT) } };
}
