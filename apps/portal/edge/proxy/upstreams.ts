import type { Config } from '../config.js';

const HEALTH_TIMEOUT_MS = 2_000;

/** A service behind the edge. */
export interface Upstream {
  readonly name: 'tickets' | 'notifications' | 'guest-auth';
  /** Without a slash at the end. */
  readonly url: string;
  /** The first parts of its paths below `/api`. No other path leads to a service. */
  readonly paths: readonly string[];
}

export function upstreamsOf(config: Config): readonly Upstream[] {
  const origin = (url: string) => new URL(url).origin;
  return [
    { name: 'tickets', url: origin(config.TICKETS_URL), paths: ['tickets', 'desk', 'attachments', 'me'] },
    {
      name: 'notifications',
      url: origin(config.NOTIFICATIONS_URL),
      paths: ['notifications', 'unsubscribe', 'webhooks', 'ops'],
    },
    { name: 'guest-auth', url: origin(config.GUEST_AUTH_URL), paths: ['guest'] },
  ];
}

/** What is wrong with a service, and what to do; null when it is alive. For the inner port, which few ask. */
export async function problemOfService({ name, url }: Upstream): Promise<string | null> {
  const what = `${name} does not answer at ${url}: start it, or correct its address in the settings.`;
  try {
    const { ok } = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS) });
    return ok ? null : what;
  } catch {
    return what;
  }
}
