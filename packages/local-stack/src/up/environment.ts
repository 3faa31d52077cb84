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
  payloadKey: string;
  guestAuthKey: string;
  erasureKey: string;
  attachmentsFolder: string;
}

/** The servers that `up` itself starts: settings for them in the caller's environment are meant for something else. */
const OURS = ['NATS_URL', 'DATABASE_URL', 'PORT', 'HOST', 'OPS_PORT', 'OPS_HOST', 'NODE_OPTIONS'];

/** The environment of an app: our choices, over them what the caller has set, over that what only `up` can know. */
export function appEnvironment(surroundings: Surroundings, callers: NodeJS.ProcessEnv): Record<string, string> {
  const chosen = {
    PUBLIC_URL: surroundings.publicUrl,
    EMAIL_URL: surroundings.smtpUrl,
    EMAIL_FROM: 'Bellhop Support <support@bellhop.example>',
    EMAIL_BOUNCE: 'bounces@bellhop.example',
    AGENTS_EMAIL: 'agents@bellhop.example',
    OIDC_ISSUER: surroundings.issuer,
    OIDC_AUDIENCE: surroundings.audience,
    // Whoever tries it with a provider of their own makes the people themselves.
    OIDC_TRUST_EMAIL: 'true',
    PAYLOAD_KEY: surroundings.payloadKey,
    GUEST_AUTH_KEY: surroundings.guestAuthKey,
    ERASURE_KEY: surroundings.erasureKey,
    ATTACHMENTS_FOLDER: surroundings.attachmentsFolder,
    INBOUND_SYSTEMS: 'crm=https://crm.example.com/',
    ALERT_QUIET_SECONDS: '2',
  };
  const set = Object.entries(callers).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '' && !OURS.includes(entry[0]),
  );
  return {
    ...chosen,
    ...Object.fromEntries(set),
    NATS_URL: surroundings.natsUrl,
    DATABASE_URL: surroundings.databaseUrl,
    HOST: '127.0.0.1',
    PORT: String(surroundings.port),
    OPS_PORT: String(surroundings.opsPort),
  };
}
