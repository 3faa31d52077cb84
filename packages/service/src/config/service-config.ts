import { type ServiceName, services } from '@bellhop/contracts/streams';
import { configFields } from '@bellhop/http';
import { z } from 'zod';

/** The settings that every app has, as a part of its schema: `z.object({ ...serviceConfig('tickets'), … })`. */
export function serviceConfig(name: ServiceName) {
  return {
    NATS_URL: configFields.NATS_URL,
    DATABASE_URL: configFields.DATABASE_URL,
    DATABASE_POOL_SIZE: configFields.DATABASE_POOL_SIZE,
    PUBLIC_URL: configFields.PUBLIC_URL,
    PORT: configFields.PORT.default(services[name].port),
    HOST: configFields.HOST,
    OPS_PORT: configFields.OPS_PORT.default(services[name].opsPort),
    OPS_HOST: configFields.OPS_HOST,
    LOG_LEVEL: configFields.LOG_LEVEL,
  };
}

/** The settings of an app that has routes for people who sign in, likewise. */
export const identityConfig = {
  OIDC_ISSUER: configFields.OIDC_ISSUER,
  OIDC_AUDIENCE: configFields.OIDC_AUDIENCE,
  OIDC_TOKEN_TYPES: configFields.OIDC_TOKEN_TYPES,
  OIDC_TRUST_EMAIL: configFields.OIDC_TRUST_EMAIL,
};

type Parsed<Shape extends z.core.$ZodShape> = z.output<z.ZodObject<Shape>>;

/** What `runService` needs of an app's parsed settings. */
export type ServiceConfig = Parsed<ReturnType<typeof serviceConfig>> &
  Partial<Parsed<typeof identityConfig>> & { TRUSTED_PROXIES?: readonly string[] | undefined };
