import type { NodeConnectionOptions } from '@nats-io/transport-node';

/**
 * Connection options from `nats://user:password@host:port`, `nats://token@host`, `tls://…`, or several, comma separated.
 * The client itself ignores credentials in its server list, so they are extracted here.
 * @throws TypeError when it is not a URL
 */
export function parseNatsUrl(url: string): NodeConnectionOptions & { servers: string[] } {
  const urls = url.split(',').map((part) => readUrl(part.trim()));
  const { username, password } = urls.find((u) => u.username !== '') ?? { username: '', password: '' };
  const options: NodeConnectionOptions & { servers: string[] } = {
    servers: urls.map((u) => `${u.hostname}:${u.port || '4222'}`),
  };
  if (password !== '') {
    options.user = decodeURIComponent(username);
    options.pass = decodeURIComponent(password);
  } else if (username !== '') {
    options.token = decodeURIComponent(username);
  }
  if (urls.some((u) => u.protocol === 'tls:')) options.tls = {};
  return options;
}

function readUrl(text: string): URL {
  try {
    return new URL(text.includes('://') ? text : `nats://${text}`);
  } catch {
    // The text may contain a password: it stays out of the message.
    throw new TypeError('NATS_URL must look like nats://user:password@host:4222');
  }
}
