/** What an app has to know of the stack around it. */
export interface Surroundings {
  natsUrl: string;
  databaseUrl: string;
  port: number;
  opsPort: number;
  publicUrl: string;
  smtpUrl: string;
  issuer: string;
  audience: string;
  /** Secret keys, by the setting that takes them. */
  keys: Record<string, string>;
  attachmentsFolder: string;
  /** For the app that sends pushes; the others have no use for its private key. */
  push?: { vapidKeys: string; url: string } | undefined;
}

/** What the portal has to know of it: no database, no NATS, none of the services' secrets. */
export interface PortalSurroundings {
  port: number;
  opsPort: number;
  publicUrl: string;
  issuer: string;
  sessionKey: string;
  /** Where the services listen. */
  tickets: string;
  notifications: string;
  guestAuth: string;
}

/** Settings that only `up` can know, because it starts the servers: in the inherited environment they mean something else. */
const RESERVED = [
  'NATS_URL',
  'DATABASE_URL',
  'TICKETS_URL',
  'NOTIFICATIONS_URL',
  'GUEST_AUTH_URL',
  'PORT',
  'HOST',
  'OPS_PORT',
  'OPS_HOST',
  'NODE_OPTIONS',
];

/** The environment of an app: defaults, overridden by the inherited environment, overridden by what only `up` can know. */
export function appEnvironment(surroundings: Surroundings, inheritedEnv: NodeJS.ProcessEnv): Record<string, string> {
  const defaults = {
    PUBLIC_URL: surroundings.publicUrl,
    EMAIL_URL: surroundings.smtpUrl,
    EMAIL_FROM: 'Bellhop Support <support@bellhop.example>',
    EMAIL_BOUNCE: 'bounces@bellhop.example',
    AGENTS_EMAIL: 'agents@bellhop.example',
    OIDC_ISSUER: surroundings.issuer,
    OIDC_AUDIENCE: surroundings.audience,
    // Whoever tries this with a provider of their own creates its accounts themselves.
    OIDC_TRUST_EMAIL: 'true',
    ...surroundings.keys,
    ATTACHMENTS_FOLDER: surroundings.attachmentsFolder,
    ...pushSettings(surroundings.push),
    // The portal.
    TRUSTED_PROXIES: '127.0.0.1',
    INBOUND_SYSTEMS: 'crm=https://crm.example.com/',
    ALERT_QUIET_SECONDS: '2',
  };
  return {
    ...defaults,
    ...inherited(inheritedEnv),
    NATS_URL: surroundings.natsUrl,
    DATABASE_URL: surroundings.databaseUrl,
    HOST: '127.0.0.1',
    PORT: String(surroundings.port),
    OPS_PORT: String(surroundings.opsPort),
  };
}

/** The same for the portal. */
export function portalEnvironment(
  { port, opsPort, publicUrl, issuer, sessionKey, tickets, notifications, guestAuth }: PortalSurroundings,
  inheritedEnv: NodeJS.ProcessEnv,
): Record<string, string> {
  return {
    PUBLIC_URL: publicUrl,
    OIDC_ISSUER: issuer,
    SESSION_KEY: sessionKey,
    ...inherited(inheritedEnv),
    TICKETS_URL: tickets,
    NOTIFICATIONS_URL: notifications,
    GUEST_AUTH_URL: guestAuth,
    HOST: '127.0.0.1',
    PORT: String(port),
    OPS_PORT: String(opsPort),
  };
}

function inherited(env: NodeJS.ProcessEnv): Record<string, string> {
  const given = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '' && !RESERVED.includes(entry[0]),
  );
  return Object.fromEntries(given);
}

function pushSettings(push: Surroundings['push']): Record<string, string> {
  if (!push) return {};
  return {
    VAPID_KEYS: push.vapidKeys,
    PUSH_SUBJECT: 'mailto:push@bellhop.example',
    PUSH_LOCAL_SERVICE: push.url,
  };
}
