import { createPublicKey, type KeyObject } from 'node:crypto';
import { Resolver } from 'node:dns/promises';
import { tagsOf, withoutSpace } from './signature.js';

/** The TXT records of a name, each in its pieces. Rejects as `node:dns` does. */
export type TxtLookup = (name: string) => Promise<string[][]>;

/** DNS says nothing now: whether there is a key is not known. */
export class DnsUnavailableError extends Error {
  override readonly name = 'DnsUnavailableError';
}

/** What DNS says for certain: there is no such record. */
const NO_RECORD: ReadonlySet<unknown> = new Set(['ENOTFOUND', 'ENODATA']);
const TRY_MS = 1_000;
const LONGEST_LOOKUP_MS = 3_000;
/** RFC 8301 §3.2. */
const LEAST_RSA_BITS = 1_024;

/**
 * Asks DNS, for three seconds at most.
 * @param servers instead of those of this machine, such as `127.0.0.1:53`
 */
export function txtLookup(servers?: readonly string[]): TxtLookup {
  return async (name) => {
    const resolver = new Resolver({ timeout: TRY_MS, tries: 2 });
    if (servers) resolver.setServers(servers);
    const timer = setTimeout(() => resolver.cancel(), LONGEST_LOOKUP_MS);
    try {
      return await resolver.resolveTxt(name);
    } finally {
      clearTimeout(timer);
    }
  };
}

/** `192.0.2.53,[2001:db8::53]:5353` */
export function parseNameServers(setting: string): string[] {
  const servers = setting.split(',').map((server) => server.trim());
  try {
    new Resolver().setServers(servers);
    return servers;
  } catch {
    throw new Error(
      'must be addresses of name servers, such as 192.0.2.53 or [2001:db8::53]:5353, separated by commas',
    );
  }
}

/**
 * The key of a selector (RFC 6376 §3.6.1). Null: there is none, it was revoked, or it is too weak to prove anything.
 * @throws DnsUnavailableError
 */
export async function publicKeyOf(lookup: TxtLookup, selector: string, domain: string): Promise<KeyObject | null> {
  const records = await lookup(`${selector}._domainkey.${domain}`).catch((cause: { code?: unknown }) => {
    if (NO_RECORD.has(cause.code)) return [];
    throw new DnsUnavailableError('no answer about the key of a signature', { cause });
  });
  // With several, nobody knows which counts.
  const [record, ...others] = records;
  return record && others.length === 0 ? readKey(record.join('')) : null;
}

function readKey(record: string): KeyObject | null {
  const tags = tagsOf(record);
  if (!tags || (tags.get('v') ?? 'DKIM1') !== 'DKIM1') return null;
  const bytes = Buffer.from(withoutSpace(tags.get('p') ?? ''), 'base64');
  try {
    if (tags.get('k') === 'ed25519') {
      const key = { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') };
      return createPublicKey({ key, format: 'jwk' });
    }
    const key = createPublicKey({ key: bytes, format: 'der', type: 'spki' });
    return (key.asymmetricKeyDetails?.modulusLength ?? 0) >= LEAST_RSA_BITS ? key : null;
  } catch {
    return null;
  }
}
