/** Somebody whom the local OpenID provider knows: signs in by being picked, without a password. */
export interface Person {
  /** Their `sub`. */
  id: string;
  email: string;
  name: string;
  locale: string;
  /** IANA name; the claim `zoneinfo`. */
  timezone: string;
  roles: readonly string[];
}

export const people: readonly Person[] = [
  { id: 'ada', email: 'ada@example.com', name: 'Ada', locale: 'en', timezone: 'Europe/London', roles: [] },
  { id: 'jan', email: 'jan@example.com', name: 'Jan', locale: 'pl', timezone: 'Europe/Warsaw', roles: [] },
  { id: 'agent', email: 'agent@example.com', name: 'Agent', locale: 'en', timezone: 'Europe/Berlin', roles: ['agent'] },
  { id: 'lead', email: 'lead@example.com', name: 'Lead', locale: 'en', timezone: 'Europe/Berlin', roles: ['agent'] },
  { id: 'ops', email: 'ops@example.com', name: 'Operator', locale: 'en', timezone: 'UTC', roles: ['operator'] },
];

/** What access tokens and the user-info endpoint tell of a person. */
export function claimsOf({ email, name, locale, timezone, roles }: Person) {
  return { email, email_verified: true, name, locale, zoneinfo: timezone, roles: [...roles] };
}
