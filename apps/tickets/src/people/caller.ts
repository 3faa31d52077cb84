import {
  type Guest,
  normaliseAddress,
  readLocale,
  readTimezone,
  typedEmailAddress,
  type User,
} from '@bellhop/contracts/persons';
import type { GuestSession, Identity } from '@bellhop/service';
import { type ClaimedPerson, userOf } from './person.js';
import type { GuestViewer, UserViewer } from './viewer.js';

const AGENT = 'agent';

/** The person behind a request: as events name them, and as the policy sees them. */
export type Caller = UserCaller | GuestCaller;

export interface UserCaller {
  readonly person: User;
  readonly viewer: UserViewer;
}

export interface GuestCaller {
  readonly person: Guest;
  readonly viewer: GuestViewer;
}

export interface ClaimedCaller {
  readonly person: ClaimedPerson;
  readonly viewer: UserViewer;
}

/** Reads a token's claims as far as the contract can carry them: a claim that it cannot is left out. */
export function callerOf(identity: Identity): ClaimedCaller {
  const id = identity.subject;
  const person = userOf({
    id,
    email: typedEmailAddress.safeParse(identity.email).data ?? null,
    locale: readLocale(identity.locale) ?? null,
    timezone: readTimezone(identity.timezone) ?? null,
  });
  const claimed = identity.email === null ? { ...person, email: null } : person;
  return { person: claimed, viewer: { kind: 'user', id, isAgent: identity.roles.includes(AGENT) } };
}

/** A session has the address and nothing more. */
export function guestCallerOf(session: GuestSession): GuestCaller {
  const email = normaliseAddress(session.email);
  return { person: { kind: 'guest', email }, viewer: { kind: 'guest', email, ticketIds: session.ticketIds } };
}
