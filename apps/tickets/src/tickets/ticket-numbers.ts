import { randomBytes } from 'node:crypto';

/** Crockford's base 32: no I, L, O and U, so that a number survives being read out (https://www.crockford.com/base32.html). */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 6;

/** A random ticket number, for example `7K4M2Q`. One in 2^30: unique only with the database's help. */
export function drawTicketNumber(bytes: Uint8Array = randomBytes(LENGTH)): string {
  return Array.from(bytes.subarray(0, LENGTH), (byte) => ALPHABET[byte & 31]).join('');
}

/** A number as people type it: small letters, and the letters that stand for the digits they look like. */
export function readTicketNumber(typed: string): string {
  return typed.toUpperCase().replaceAll('O', '0').replaceAll(/[IL]/g, '1');
}
