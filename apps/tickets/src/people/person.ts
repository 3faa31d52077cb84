import type { User } from '@bellhop/contracts';
import type { PersonEntity } from './person.entity.js';

/**
 * What a token says of its owner. What is left out is unknown to the token, not to us; with `email: null` the
 * provider takes the address back.
 */
export type ClaimedPerson = Omit<User, 'email'> & { readonly email?: string | null | undefined };

/** A person as events carry one: what is not known is left out. */
export function userOf({ id, email, locale, timezone }: Omit<PersonEntity, 'isAgent' | 'changedAt'>): User {
  return { kind: 'user', id, ...(email && { email }), ...(locale && { locale }), ...(timezone && { timezone }) };
}
