import { configFields, integerField } from '@bellhop/service';
import { z } from 'zod';

/** Everything that `tickets` reads from its environment. */
export const ticketsConfig = z.object({
  NATS_URL: configFields.NATS_URL,
  DATABASE_URL: configFields.DATABASE_URL,
  PUBLIC_URL: configFields.PUBLIC_URL,
  OIDC_ISSUER: configFields.OIDC_ISSUER,
  OIDC_AUDIENCE: configFields.OIDC_AUDIENCE,
  PORT: configFields.PORT.default(3001),
  HOST: configFields.HOST,
  LOG_LEVEL: configFields.LOG_LEVEL,
  DATABASE_POOL_SIZE: configFields.DATABASE_POOL_SIZE,
  TRUSTED_PROXIES: configFields.TRUSTED_PROXIES,
  MAX_UNPROVEN_TICKETS: integerField({
    min: 1,
    max: 1_000_000,
    unit: 'tickets',
    description: "how many tickets of guests may wait for their address to be proven before no guest's is taken",
    example: '10000',
  }).default(10_000),
});

export type TicketsConfig = z.output<typeof ticketsConfig>;
