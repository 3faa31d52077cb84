import type { User } from '@bellhop/contracts';
import type { PersonEntity } from './person.entity.js';

/** A person as events carry one: what is not known is left out. */
export function userOf({ id, email, locale, timezone }: Omit<PersonEntity, 'isAgent' | 'changedAt'>): User {
  return { kind: 'user', id, ...(email && { email }), ...(locale && { locale }), ...(timezone && { timezone }) };
}
