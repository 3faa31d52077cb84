import { configFields, parsedField, readSecretKeys, urlField } from '@bellhop/http';
import { z } from 'zod';

/** Browsers keep a `Secure` cookie of plain http on these hosts only, and Safari on none. */
const LOCAL_HOSTS = ['localhost', '127.0.0.1'];

const serviceUrl = (service: string, example: string) =>
  urlField({
    schemes: ['http', 'https'],
    path: 'refused',
    description: `where the portal reaches ${service}; browsers never see this address`,
    example,
  });

/** Every setting of this app, read from the environment once. */
export const configSchema = z.object({
  PUBLIC_URL: configFields.PUBLIC_URL.refine(
    isUsable,
    'must be an origin with https://, such as https://support.example.com: browsers keep the session of no other',
  ),
  PORT: configFields.PORT.default(3000),
  HOST: configFields.HOST,
  OPS_PORT: configFields.OPS_PORT.default(3100),
  OPS_HOST: configFields.OPS_HOST,
  LOG_LEVEL: configFields.LOG_LEVEL,
  TRUSTED_PROXIES: configFields.TRUSTED_PROXIES,
  TICKETS_URL: serviceUrl('tickets', 'http://tickets:3000'),
  NOTIFICATIONS_URL: serviceUrl('notifications', 'http://notifications:3000'),
  GUEST_AUTH_URL: serviceUrl('guest-auth', 'http://guest-auth:3000'),
  OIDC_ISSUER: configFields.OIDC_ISSUER,
  OIDC_CLIENT_ID: z.string().default('bellhop').meta({
    description:
      'the name of this client at the provider, which must allow it `<PUBLIC_URL>/auth/callback` and, after a sign-out, `<PUBLIC_URL>/`',
    example: 'bellhop',
  }),
  OIDC_CLIENT_SECRET: z.string().optional().meta({
    description:
      'its secret. Without it the client is a public one, whose refresh tokens most providers rotate: then only one replica can run, or a balancer has to send each browser to one',
    example: '(shown by the provider)',
  }),
  OIDC_SCOPES: z.string().default('openid email profile offline_access').meta({
    description: 'what is asked of the provider; without `offline_access`, many providers give no refresh token',
    example: 'openid email profile offline_access api://bellhop/.default',
  }),
  OIDC_AUTHORIZATION_PARAMS: parsedField(parseParams, {
    description:
      'further parameters of a sign-in, for providers that need one to make access tokens for `OIDC_AUDIENCE`',
    example: 'audience=bellhop',
  }).optional(),
  SESSION_KEY: parsedField(readSecretKeys, {
    description:
      'the key that seals the cookies of sessions, 32 bytes in base64; to rotate, put a new key in front, separated by a comma, and keep the old one for two weeks',
    example: '(made by: openssl rand -base64 32)',
  }),
});

export type Config = z.output<typeof configSchema>;

/** What a sign-in is made of cannot be chosen. */
const OURS = [
  'client_id',
  'code_challenge',
  'code_challenge_method',
  'nonce',
  'redirect_uri',
  'response_type',
  'scope',
  'state',
];

function parseParams(setting: string): Record<string, string> {
  const params = [...new URLSearchParams(setting)];
  if (params.length > 0 && params.every(([name, value]) => /^\w+$/.test(name) && value && !OURS.includes(name)))
    return Object.fromEntries(params);
  throw new Error(`must be like audience=bellhop&resource=urn:bellhop, without ${OURS.join(', ')}`);
}

function isUsable(publicUrl: string): boolean {
  // What is no URL is reported already.
  if (!URL.canParse(publicUrl)) return true;
  const { protocol, hostname, pathname } = new URL(publicUrl);
  return pathname === '/' && (protocol === 'https:' || LOCAL_HOSTS.includes(hostname));
}
