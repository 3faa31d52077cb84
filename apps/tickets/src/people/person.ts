import { type Guest, normaliseAddress, type Requester, type User } from '@bellhop/contracts/persons';
import type { PersonEntity } from './person.entity.js';

/**
 * What a token says of its owner. A missing claim is unknown to the token, not to us; with `email: null` the provider withdraws the
 * address.
 */
export type ClaimedPerson = Omit<User, 'email'> & { readonly email?: string | null | undefined };

/** A person as events carry one: what is not known is left out. */
export function userOf({ id, email, locale, timezone }: Omit<PersonEntity, 'kind' | 'isAgent' | 'changedAt'>): User {
  return { kind: 'user', id, ...(email && { email }), ...(locale && { locale }), ...(timezone && { timezone }) };
}

/** What a ticket keeps of the guest who filed it, who has no account. */
export interface FiledAs {
  readonly requesterLocale: string | null;
  /** As typed: which capitals matter is for the mail server of that domain to say (RFC 5321 §2.4). */
  readonly requesterAddress: string | null;
}

export function requesterOf(person: PersonEntity, { requesterLocale, requesterAddress }: FiledAs): Requester {
  if (person.kind === 'user') return userOf(person);
  const email = requesterAddress ?? person.email ?? '';
  return { kind: 'guest', email, ...(requesterLocale && { locale: requesterLocale }) };
}

/**
 * The key of a person; a guest's is the same however the address is spelled. No account has the key of a guest: ids of accounts are
 * identifiers, which contain no `@` (the table checks it, too).
 */
export function personKey(person: User | Guest): string {
  return person.kind === 'user' ? person.id : `guest:${normaliseAddress(person.email)}`;
}
