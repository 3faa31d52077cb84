import { z } from 'zod';
import { normaliseAddress, typedEmailAddress } from './email-address.js';
import { identifier } from './persons.js';
import { OWN_SYSTEM, systemName } from './system.js';

/** Who a mailbox is, whatever its spelling: what is hashed of a guest, and of anybody who gives an address. */
export function addressIdentity(address: string): string {
  return `address:${normaliseAddress(address)}`;
}

/** Who an account is. */
export function accountIdentity(system: string, id: string): string {
  return `account:${system}:${id}`;
}

const EXPECTS = 'must be an e-mail address, or an account such as "user:4711" of ours or "crm:4711" of another system';

/** A person as an operator names one: `jana@example.com`, `user:<id>`, `<system>:<id>`. Read as an identity. */
export const personIdentity = z.string({ error: EXPECTS }).transform((text, context) => {
  const identity = identityOf(text.trim());
  if (identity !== null) return identity;
  context.addIssue({ code: 'custom', message: EXPECTS });
  return z.NEVER;
});

function identityOf(text: string): string | null {
  const address = typedEmailAddress.safeParse(text);
  if (address.success) return addressIdentity(address.data);
  const [, name = '', id = ''] = /^([^:@]+):(.+)$/.exec(text) ?? [];
  const system = name === 'user' ? OWN_SYSTEM : name;
  const isAccount = systemName.safeParse(system).success && identifier.safeParse(id).success;
  return isAccount ? accountIdentity(system, id) : null;
}
