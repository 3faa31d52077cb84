import type { Guest, Requester, User } from '@bellhop/contracts';
import type { PersonEntity } from './person.entity.js';

/**
 * What a token says of its owner. What is left out is unknown to the token, not to us; with `email: null` the
 * provider takes the address back.
 */
export type ClaimedPerson = Omit<User, 'email'> & { readonly email?: string | null | undefined };

/** A person as events carry one: what is not known is left out. */
export function userOf({ id, email, locale, timezone }: Omit<PersonEntity, 'kind' | 'isAgent' | 'changedAt'>): User {
  return { kind: 'user', id, ...(email && { email }), ...(locale && { locale }), ...(timezone && { timezone }) };
}

/** @param locale of the ticket: a guest has no account that could say which language is theirs */
export function requesterOf(person: PersonEntity, locale: string | null): Requester {
  if (person.kind === 'user') return userOf(person);
  return { kind: 'guest', email: person.email ?? '', ...(locale && { locale }) };
}

/**
 * The key of a person. No account has a guest's: the id of an account is an identifier, and in those there is no `@`
 * (the table checks it, too).
 */
export function personKey(person: User | Guest): string {
  return person.kind === 'user' ? person.id : `guest:${person.email}`;
}
