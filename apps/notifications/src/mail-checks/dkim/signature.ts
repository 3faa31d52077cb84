import { contentOf, type Field } from '../message.js';
import type { Canonicalization } from './canonical.js';

/** A `DKIM-Signature` field (RFC 6376 §3.5), as far as we accept one. */
export interface Signature {
  readonly field: Field;
  readonly algorithm: 'rsa-sha256' | 'ed25519-sha256';
  readonly header: Canonicalization;
  readonly body: Canonicalization;
  readonly domain: string;
  readonly selector: string;
  /** Names of the signed fields, in lower case. */
  readonly signed: readonly string[];
  readonly bodyHash: string;
  readonly bytes: Buffer;
  /** Seconds since 1970. */
  readonly expiresAt: number | null;
}

const KINDS = /^(simple|relaxed)(?:\/(simple|relaxed))?$/;
/** A host name that we may ask DNS about. */
const SELECTOR = /^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$/;
/** What must be signed, so that nobody can put it in front of a genuine mail: who, to whom, about what. */
const MUST_BE_SIGNED = ['from', 'to', 'subject'];

/** The domain that a `DKIM-Signature` field is of, also if we do not accept it; null where it cannot be read. */
export function domainOf(field: Field): string | null {
  return tagsOfField(field)?.get('d')?.toLowerCase() ?? null;
}

/** Null for one that we do not accept: it says less than that the whole mail is from its domain, or says it in another way. */
export function readSignature(field: Field): Signature | null {
  const tags = tagsOfField(field);
  if (tags?.get('v') !== '1' || tags.has('l')) return null;
  const tag = (name: string) => tags.get(name) ?? '';
  const algorithm = tag('a').toLowerCase();
  if (algorithm !== 'rsa-sha256' && algorithm !== 'ed25519-sha256') return null;
  const kinds = KINDS.exec((tags.get('c') ?? 'simple/simple').toLowerCase());
  const selector = tag('s').toLowerCase();
  const signed = tag('h')
    .split(':')
    .map((name) => name.trim().toLowerCase());
  const expiry = tags.get('x');
  if (!kinds || !SELECTOR.test(selector) || !MUST_BE_SIGNED.every((name) => signed.includes(name))) return null;
  if (expiry !== undefined && !/^\d{1,12}$/.test(expiry)) return null;
  return {
    field,
    algorithm,
    header: kinds[1] as Canonicalization,
    body: (kinds[2] ?? 'simple') as Canonicalization,
    domain: tag('d').toLowerCase(),
    selector,
    signed,
    bodyHash: withoutSpace(tag('bh')),
    bytes: Buffer.from(withoutSpace(tag('b')), 'base64'),
    expiresAt: expiry === undefined ? null : Number(expiry),
  };
}

/** The field as it was signed: what it says, without the signature itself. */
export function unsigned({ raw, name }: Field): Field {
  return { name, raw: raw.replace(/([:;][ \t\r\n]*b[ \t\r\n]*=)[^;]*/, '$1') };
}

function tagsOfField(field: Field): Map<string, string> | null {
  return tagsOf(contentOf(field).replace(/[\r\n]/g, ''));
}

/** `a=b; c=d`. Null if one is no pair, or there twice. */
export function tagsOf(text: string): Map<string, string> | null {
  const tags = new Map<string, string>();
  for (const part of text.split(';')) {
    if (part.trim() === '') continue;
    const at = part.indexOf('=');
    const name = part.slice(0, Math.max(0, at)).trim();
    if (name === '' || tags.has(name)) return null;
    tags.set(name, part.slice(at + 1).trim());
  }
  return tags;
}

export function withoutSpace(text: string): string {
  return text.replace(/[ \t\r\n]/g, '');
}
