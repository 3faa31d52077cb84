import { freePort } from '../ports.js';
import { apps } from './apps.js';

const SERVERS = { edge: 3000, webPort: 1080, smtpPort: 1025, nats: 4222, postgres: 5433, oidc: 3005 } as const;

type AppName = (typeof apps)[number]['name'];

export type Ports = Record<keyof typeof SERVERS | AppName | `${AppName}:ops`, number>;

/** Each its default; where that is taken, the next free one that is nobody's default here. */
export async function choosePorts(): Promise<Ports> {
  const wanted = [
    ...Object.entries(SERVERS),
    ...apps.flatMap(
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
