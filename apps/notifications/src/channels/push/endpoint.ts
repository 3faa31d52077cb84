import { lookup as resolve } from 'node:dns';
import { BlockList, type LookupFunction } from 'node:net';
import { PushError } from './push.errors.js';

/** Whose push service an endpoint belongs to. `local` is the one that `npm run up` and tests bring along. */
export type PushServiceName = 'fcm' | 'mozilla' | 'apple' | 'wns' | 'local';

/**
 * The hosts of the browsers' makers. An endpoint is a URL that whoever registers it may choose, so that anything else would have us
 * send requests where a stranger wants them.
 */
const HOSTS: readonly [PushServiceName, host: RegExp, path: RegExp][] = [
  // Google's hosts have other interfaces as well.
  ['fcm', /^(?:fcm\.googleapis|jmt17\.google)\.com$/, /^\/(?:fcm\/send|wp)\/./],
  ['mozilla', /^(?:[a-z0-9-]+\.)*push\.services\.mozilla\.com$/, /^\/wpush\/./],
  ['apple', /^(?:[a-z0-9-]+\.)*push\.apple\.com$/, /^\/./],
  ['wns', /^(?:[a-z0-9-]+\.)*notify\.windows\.com$/, /^\/./],
];
const MAX_LENGTH = 2_048;

export interface Endpoint {
  readonly url: string;
  /** What VAPID signs for, and what is slowed down as a whole. */
  readonly origin: string;
  readonly service: PushServiceName;
}

/**
 * Reads the endpoint of a subscription.
 * @param local the origin of a push service on this machine, which is let through
 * @throws PushError `invalid_endpoint` that says what is taken
 */
export function parseEndpoint(text: string, local?: string): Endpoint {
  const url = text.length <= MAX_LENGTH && URL.canParse(text) ? new URL(text) : null;
  if (!url) throw invalid(`must be a URL of up to ${MAX_LENGTH} characters, as the browser gave it`);
  if (url.username || url.password || url.hash) throw invalid('must have neither user nor fragment');
  const { href, origin, hostname, pathname } = url;
  if (local !== undefined && origin === local) return { url: href, origin, service: 'local' };
  if (url.protocol !== 'https:') throw invalid('must begin with https://');
  if (url.port !== '') throw invalid('must name no port: push services answer at 443');
  const service = HOSTS.find(([, host, path]) => host.test(hostname) && path.test(pathname))?.[0];
  if (!service)
    throw invalid('is on no push service that we know: those of Google, Mozilla, Apple and Microsoft are taken');
  return { url: href, origin, service };
}

function invalid(problem: string): PushError {
  return new PushError('invalid_endpoint', problem);
}

/** Addresses that nobody reaches over the internet (RFC 6890 and the IANA registries of special-purpose addresses). */
const PRIVATE = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const) {
  PRIVATE.addSubnet(network, bits, 'ipv4');
}
/** Only 2000::/3 is given out; what tunnels IPv4 could end anywhere. */
const GLOBAL = new BlockList();
GLOBAL.addSubnet('2000::', 3, 'ipv6');
for (const [network, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const) {
  PRIVATE.addSubnet(network, bits, 'ipv6');
}

export function isPublicAddress(address: string, family: number): boolean {
  if (family === 4) return !PRIVATE.check(address, 'ipv4');
  return GLOBAL.check(address, 'ipv6') && !PRIVATE.check(address, 'ipv6');
}

/**
 * Resolves a name for one connection, and refuses it when any of its addresses is not public: a name that was checked earlier may lead
 * elsewhere by now (DNS rebinding).
 */
export function publicLookup(resolver: typeof resolve = resolve): LookupFunction {
  return (hostname, options, callback) => {
    resolver(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0);
      if (addresses.length === 0 || !addresses.every(({ address, family }) => isPublicAddress(address, family))) {
        const refused = new Error(`${hostname} leads to an address that is not public`);
        return callback(Object.assign(refused, { code: 'ADDRESS_REFUSED' }), '', 0);
      }
      if (options.all) return callback(null, addresses);
      const [{ address, family }] = addresses as [{ address: string; family: number }];
      callback(null, address, family);
    });
  };
}
