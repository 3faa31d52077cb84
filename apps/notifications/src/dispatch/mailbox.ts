import { normaliseAddress } from '@bellhop/contracts';

/**
 * Where mails to an address end up, as far as spelling tells: case does not matter, and most providers deliver what stands behind a
 * plus to the same mailbox. For counting only: mails go to the address as it is.
 */
export function mailboxOf(address: string): string {
  return normaliseAddress(address).replace(TAG, '$1@');
}

const TAG = /^([^+@]+)\+[^@]*@/;

/** The same in Postgres, of an address as events carry it, in the words of the index `deliveries_mailbox`. */
export const MAILBOX = `regexp_replace(lower(address collate "C"), '^([^+@]+)\\+[^@]*@', '\\1@')`;
