import { type AppName, PORTAL, services } from '@bellhop/contracts/streams';
import { freePort } from '../ports.js';

const SERVERS = {
  webPort: 1080,
  smtpPort: 1025,
  push: 1090,
  nats: 4222,
  postgres: 5433,
  oidc: 3005,
} as const;

export type Ports = Record<keyof typeof SERVERS | AppName | `${AppName}:ops`, number>;

/** Names for readers, where the key is not the name of a server or an app. */
const WORDS: Record<string, string> = {
  webPort: 'mailbox',
  smtpPort: 'SMTP',
  push: 'push service',
  oidc: 'OpenID',
};

/** The ports that have changed since the run before, and what no longer works by that; undefined when none has. */
export function describeMoves(before: Record<string, number>, now: Record<string, number>): string | undefined {
  const moved = Object.keys(now).filter((name) => before[name] !== undefined && before[name] !== now[name]);
  if (moved.length === 0) return undefined;
  const list = moved.map((name) => `${WORDS[name] ?? name.replace(':', ' ')} ${before[name]} -> ${now[name]}`);
  const lines = [`Ports have moved since the last run: ${list.join(', ')}.`];
  if (moved.includes('oidc'))
    lines.push('Access tokens from before no longer work, for their issuer has moved: get new ones.');
  if (moved.includes(PORTAL.name)) lines.push('Links in mails from before lead to the old port and no longer work.');
  if (moved.includes('push')) lines.push('Browsers that were subscribed before are subscribed at the old port.');
  return lines.join('\n');
}

/** The default port of each; if it is taken, the next free one that is no default of another. */
export async function choosePorts(): Promise<Ports> {
  const wanted = [
    ...Object.entries(SERVERS),
    ...[PORTAL, ...Object.values(services)].flatMap(
      ({ name, port, opsPort }) =>
        [
          [name, port],
          [`${name}:ops`, opsPort],
        ] as const,
    ),
  ];
  const taken = new Set<number>(wanted.map(([, port]) => port));
  const chosen: [string, number][] = [];
  for (const [name, port] of wanted) {
    let free = await freePort(port);
    while (free !== port && taken.has(free)) free = await freePort(free + 1);
    taken.add(free);
    chosen.push([name, free]);
  }
  return Object.fromEntries(chosen) as Ports;
}
