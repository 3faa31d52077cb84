import { createHash, type KeyObject, verify } from 'node:crypto';
import type { Field, Message } from '../message.js';
import { canonicalBody, canonicalField } from './canonical.js';
import { DnsUnavailableError, publicKeyOf, type TxtLookup } from './public-keys.js';
import { domainOf, readSignature, type Signature, unsigned } from './signature.js';

/** What the signatures of one domain say about a mail. */
export type SignatureCheck = 'valid' | 'broken' | 'missing' | 'dns_unavailable';

/** A mail has one or two of a domain. Each costs a question to DNS. */
const MAX_SIGNATURES = 3;
/** Where answers and a click go: a mail may be without them, but anybody could put them in front of one that is. */
const SIGNED_IF_THERE = ['reply-to', 'list-unsubscribe'];

/**
 * Verifies that a domain has signed the whole mail (DKIM, RFC 6376, RFC 8463). The answer is `valid` if one of its signatures is. Stricter than
 * a mail server, which only counts spam points: sender, recipient, subject, all of the body, and where answers go must be signed. A signature
 * that leaves one of them out is `broken`, because a genuine mail may have such a one.
 * @param anyOf names of fields, one of which must be signed as well; null: no matter which
 * @param now milliseconds since 1970
 */
export async function verifySignatures(
  { fields, body }: Message & { body: string },
  { domain, anyOf, lookup, now }: { domain: string; anyOf: readonly string[] | null; lookup: TxtLookup; now: number },
): Promise<SignatureCheck> {
  const ofDomain = fields.filter((field) => field.name === 'dkim-signature' && domainOf(field) === domain);
  let result: SignatureCheck = ofDomain.length > 0 ? 'broken' : 'missing';
  for (const signature of ofDomain.slice(0, MAX_SIGNATURES).map(readSignature)) {
    if (!signature || !covers(signature, fields, anyOf) || !fits(signature, body, now)) continue;
    try {
      const key = await publicKeyOf(lookup, signature.selector, domain);
      if (key && isSignedBy(key, signature, fields)) return 'valid';
    } catch (error) {
      if (!(error instanceof DnsUnavailableError)) throw error;
      result = 'dns_unavailable';
    }
  }
  return result;
}

function covers({ signed }: Signature, fields: readonly Field[], anyOf: readonly string[] | null): boolean {
  if (anyOf && !anyOf.some((name) => signed.includes(name))) return false;
  const count = (names: readonly string[], wanted: string) => names.filter((name) => name === wanted).length;
  const names = fields.map(({ name }) => name);
  return SIGNED_IF_THERE.every((name) => count(signed, name) >= count(names, name));
}

/** What needs no key: nobody asks DNS for a mail whose body was changed. */
function fits({ body: kind, bodyHash, expiresAt }: Signature, body: string, now: number): boolean {
  if (expiresAt !== null && expiresAt * 1_000 < now) return false;
  return createHash('sha256').update(canonicalBody(body, kind), 'latin1').digest('base64') === bodyHash;
}

function isSignedBy(key: KeyObject, signature: Signature, fields: readonly Field[]): boolean {
  const data = Buffer.from(signedText(signature, fields), 'latin1');
  if (signature.algorithm === 'rsa-sha256') {
    return key.asymmetricKeyType === 'rsa' && verify('sha256', data, key, signature.bytes);
  }
  // RFC 8463 §3: the signature is of the hash.
  const hash = createHash('sha256').update(data).digest();
  return key.asymmetricKeyType === 'ed25519' && verify(null, hash, key, signature.bytes);
}

/** The fields that `h=` names, of several with one name the lowest first (RFC 6376 §5.4.2), and the signature without itself. */
function signedText({ field, header, signed }: Signature, fields: readonly Field[]): string {
  const left = new Map<string, Field[]>();
  for (const one of fields) left.set(one.name, [...(left.get(one.name) ?? []), one]);
  const lines = signed.flatMap((name) => {
    const next = left.get(name)?.pop();
    return next ? [`${canonicalField(next, header)}\r\n`] : [];
  });
  return lines.join('') + canonicalField(unsigned(field), header);
}
