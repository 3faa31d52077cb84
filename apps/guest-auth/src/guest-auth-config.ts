import { configFields, erasureKeysField, integerField } from '@bellhop/service';
import { z } from 'zod';
import { parseGuestKeys } from './secrets/guest-keys.js';

const limit = (fallback: number, description: string) =>
  integerField({ min: 1, max: 1_000_000, description, example: String(fallback) }).default(fallback);

/** Everything that `guest-auth` reads from its environment. */
export const guestAuthConfig = z.object({
  NATS_URL: configFields.NATS_URL,
  DATABASE_URL: configFields.DATABASE_URL,
  PUBLIC_URL: configFields.PUBLIC_URL,
  OIDC_ISSUER: configFields.OIDC_ISSUER,
  OIDC_AUDIENCE: configFields.OIDC_AUDIENCE,
  OIDC_TOKEN_TYPES: configFields.OIDC_TOKEN_TYPES,
  OIDC_TRUST_EMAIL: configFields.OIDC_TRUST_EMAIL,
  GUEST_AUTH_KEY: z
    .string()
    .transform((text, context) => {
      try {
        return parseGuestKeys(text);
      } catch (error) {
        context.addIssue({ code: 'custom', message: (error as Error).message });
        return z.NEVER;
      }
    })
    .meta({
      description: 'the key of codes and links, 32 bytes in base64; to rotate, put a new one in front of a comma',
      example: '(made by: openssl rand -base64 32)',
    }),
  ERASURE_KEY: erasureKeysField,
  MAILS_PER_NETWORK: limit(
    30,
    'how many mails of one purpose may be caused in 15 minutes from one IPv4 address or IPv6 /64; from the networks around it (/24 or /56, /48, /16 or /32) 2, 4 and 16 times as many',
  ),
  MAILS_PER_INSTANCE: limit(1_000, 'how many mails of one purpose all people together may cause in 15 minutes'),
  CODE_TRIES_PER_NETWORK: limit(
    30,
    'how many wrong codes may be typed in 15 minutes from one IPv4 address or IPv6 /64; the networks around it have the same multiples',
  ),
  CODE_TRIES_PER_INSTANCE: limit(1_000, 'how many wrong codes all people together may type in 15 minutes'),
  TRUSTED_PROXIES: configFields.TRUSTED_PROXIES,
  PORT: configFields.PORT.default(3003),
  OPS_PORT: configFields.OPS_PORT.default(3103),
  OPS_HOST: configFields.OPS_HOST,
  HOST: configFields.HOST,
  LOG_LEVEL: configFields.LOG_LEVEL,
  DATABASE_POOL_SIZE: configFields.DATABASE_POOL_SIZE,
});

export type GuestAuthConfig = z.output<typeof guestAuthConfig>;
