import { z } from 'zod';
import { MAX_ADDRESS_LENGTH } from '../constants/limits.js';
import { stringOf } from '../shape.js';

/**
 * One plain address: an RFC 5321 dot-string of at most 64 characters, `@`, and a domain name with at least two labels.
 * Left out on purpose: quoted local parts, comments, groups, lists, address literals and anything non-ASCII, since mail
 * software disagrees about where such an address ends; and `%`, `!`, `|` and the backtick, which some of it takes for
 * routing or for a command.
 */
const LOCAL_CHARACTER = "[A-Za-z0-9#$&'*+/=?^_{}~-]";
const LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?';
const LAST_LABEL = '(?:[A-Za-z]{2,63}|[Xx][Nn]--[A-Za-z0-9-]{0,57}[A-Za-z0-9])';
const PATTERN = new RegExp(`^${LOCAL_CHARACTER}+(?:\\.${LOCAL_CHARACTER}+)*@(?:${LABEL}\\.)+${LAST_LABEL}$`);
const MAX_LOCAL_LENGTH = 64;
const EXPECTS =
  'one plain e-mail address in ASCII such as "jana@example.com", an international domain in its xn-- form';

/** An e-mail address in ASCII. */
export const emailAddress = stringOf(PATTERN, EXPECTS, MAX_ADDRESS_LENGTH)
  .refine((address) => address.indexOf('@') <= MAX_LOCAL_LENGTH, `must be ${EXPECTS}`)
  .meta({ description: 'One plain e-mail address, in ASCII.', examples: ['jana@example.com'] });

/** What cannot be seen and is pasted along; not the two joiners, which some scripts write words with. */
const INVISIBLE = /(?![\u200c\u200d])[\p{Default_Ignorable_Code_Point}\p{Cf}]/gu;
const EXPECTS_TYPED = 'one plain e-mail address such as "jana@example.com"';

/**
 * An address as a person types or pastes it: without the spaces around it and what cannot be seen in it, and with an international
 * domain (`jana@münchen.example`) turned into ASCII. For requests; events carry the ASCII form.
 */
export const typedEmailAddress = z
  .string({ error: 'must be an e-mail address' })
  .transform((typed) => toAsciiAddress(typed.replace(INVISIBLE, '').trim()))
  .refine((address) => emailAddress.safeParse(address).success, `must be ${EXPECTS_TYPED}`);

/**
 * Who an address is: two spellings of one mailbox are one guest. Case is folded, and an international domain is written in
 * ASCII (RFC 5891). What stands behind a plus may be another mailbox, so it stays.
 */
export function normaliseAddress(address: string): string {
  const at = address.lastIndexOf('@');
  const local = address.slice(0, at).normalize('NFC').toLowerCase();
  return toAsciiAddress(`${local}@${address.slice(at + 1)}`).toLowerCase();
}

function toAsciiAddress(address: string): string {
  const at = address.lastIndexOf('@');
  const domain = address.slice(at + 1);
  // Letters, digits, marks, dots and dashes only: the URL parser would make something of everything else.
  if (at < 0 || !/^[\p{L}\p{N}\p{M}.-]+$/u.test(domain) || /^[\x21-\x7e]+$/.test(domain)) return address;
  const url = `http://${domain}`;
  return URL.canParse(url) ? `${address.slice(0, at)}@${new URL(url).hostname}` : address;
}
