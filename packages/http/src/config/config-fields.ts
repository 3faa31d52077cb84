import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { type FieldDocs, urlField } from './url-field.js';

export interface IntegerFieldOptions extends FieldDocs {
  min: number;
  max: number;
}

/** A whole number written in decimal digits. */
export function integerField({ min, max, ...docs }: IntegerFieldOptions) {
  const range = `a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^-?\d{1,15}$/, `must be ${range}`)
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be ${range}`)
    .meta({ ...docs });
}

/** The origin that people see in their browser, without a slash at the end, so that paths can be appended. */
const publicUrl = urlField({
  schemes: ['http', 'https'],
  isBase: true,
  description: 'the public base URL of Bellhop; every link in a mail begins with it',
  example: 'https://support.example.com',
}).transform((value) => value.replace(/\/+$/, ''));

/** The settings that apps share, one by one. `serviceConfig` has those that every app needs. */
export const configFields = {
  NATS_URL: urlField({
    schemes: ['nats', 'tls'],
    path: 'refused',
    isList: true,
    description: 'the NATS server (several separated by commas), with the user of this service',
    example: 'nats://user:password@127.0.0.1:4222',
  }),
  DATABASE_URL: urlField({
    schemes: ['postgres', 'postgresql'],
    path: 'wanted',
    description: "this service's own Postgres database",
    example: 'postgres://user:password@127.0.0.1:5432/tickets',
  }),
  PUBLIC_URL: publicUrl,
  PORT: integerField({
    min: 0,
    max: 65_535,
    description: 'the TCP port to listen on; 0 chooses a free one',
    example: '3001',
  }),
  OPS_PORT: integerField({
    min: 0,
    max: 65_535,
    description:
      'the TCP port of `/metrics` and of the details of `/readyz`, for your own machines only: it requires no sign-in; 0 chooses a free one',
    example: '3101',
  }),
  OPS_HOST: z.string().default('127.0.0.1').meta({
    description:
      'the address on which `OPS_PORT` listens: localhost, unless another machine needs access (0.0.0.0 in the image)',
    example: '10.0.0.7',
  }),
  HOST: z.string().default('0.0.0.0').meta({ description: 'the address to listen on', example: '127.0.0.1' }),
  TRUSTED_PROXIES: z
    .string()
    .transform((value) => value.split(',').map((network) => network.trim()))
    .refine((networks) => networks.every(isNetwork), 'must be addresses or networks, separated by commas')
    .optional()
    .meta({
      description:
        'addresses or networks of the proxies whose X-Forwarded-For is trusted (its entries may have ports): without it everybody behind a proxy shares the budgets of its network',
      example: '10.0.0.7,10.1.0.0/16',
    }),
  OIDC_ISSUER: urlField({
    schemes: ['http', 'https'],
    description: 'the OpenID provider whose tokens are accepted, exactly as in their claim `iss`',
    example: 'https://login.example.com',
  }),
  OIDC_AUDIENCE: z.string().meta({ description: 'the audience that a token must have', example: 'bellhop' }),
  OIDC_TOKEN_TYPES: z
    .string()
    .transform((value) => value.split(',').map((type) => type.trim().toLowerCase()))
    .refine(
      (types) => types.every((type) => /^[a-z0-9.+-]+$/.test(type)),
      'must be names of types, separated by commas',
    )
    .default(['at+jwt'])
    .meta({
      description:
        'the types (`typ` in the header, RFC 9068) of access tokens; providers that use `JWT` need `JWT` here. ID and logout tokens are still refused, as far as their claims identify them',
      example: 'at+jwt,JWT',
    }),
  OIDC_TRUST_EMAIL: z
    .enum(['true', 'false'])
    .default('false')
    .transform((value) => value === 'true')
    .meta({
      description:
        '`true`: an e-mail address is trusted even if the token has no `email_verified`; only for a provider where nobody can enter an address of somebody else',
      example: 'true',
    }),
  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error'])
    .default('info')
    .meta({ description: 'the lowest level of log lines that are written', example: 'info' }),
  DATABASE_POOL_SIZE: integerField({
    // With fewer, a few slow requests would hold up all others.
    min: 4,
    max: 200,
    unit: 'connections',
    description:
      'the maximum number of Postgres connections of one process for requests, and as many again for background work: events, mails, housekeeping',
    example: '10',
  }).default(10),
};

function isNetwork(text: string): boolean {
  return text.includes('/') ? ipaddr.isValidCIDR(text) : ipaddr.isValid(text);
}
