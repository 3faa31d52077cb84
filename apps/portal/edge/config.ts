import { configFields, urlField } from '@bellhop/http';
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
export const configSchema = z
  .object({
    PUBLIC_URL: configFields.PUBLIC_URL,
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
  })
  .refine(({ PUBLIC_URL }) => isUsable(PUBLIC_URL), {
    path: ['PUBLIC_URL'],
    message:
      'must be an origin with https://, such as https://support.example.com: browsers keep the session of no other',
  });

export type Config = z.output<typeof configSchema>;

function isUsable(publicUrl: string): boolean {
  // What is no URL is reported already.
  if (!URL.canParse(publicUrl)) return true;
  const { protocol, hostname, pathname } = new URL(publicUrl);
  return pathname === '/' && (protocol === 'https:' || LOCAL_HOSTS.includes(hostname));
}
