/** Who somebody is: addresses and what mailbox they mean, languages and time zones, people and the systems that publish them. */
export { emailAddress, normaliseAddress, typedEmailAddress } from './email-address.js';
export { readLocale } from './locale.js';
export { mailboxOf } from './mailbox.js';
export { maskAddress } from './mask-address.js';
export { accountIdentity, addressIdentity } from './person-identity.js';
export { type Actor, type Guest, identifier, type Requester, type User } from './persons.js';
export { OWN_SYSTEM, systemName } from './system.js';
export { readTimezone } from './timezone.js';
