import type { ServiceName, StreamName } from '@bellhop/contracts/streams';
import type { DynamicModule, Type } from '@nestjs/common';
import type { MigrationInterface } from 'typeorm';
import type { GuestSessions } from '../identity/guest-sessions.js';
import type { TokenVerifierOptions } from '../identity/token-verifier.js';
import type { LogLevelName } from '../logging/json-logger.js';

/** All that tells one service from another. */
export interface ServiceDefinition {
  name: ServiceName;
  /** TCP port; 0 takes a free one. */
  port: number;
  /** TCP port of the measurements and of what is missing, for those who run it; 0 takes a free one. */
  opsPort: number;
  opsHost: string;
  host: string;
  natsUrl: string;
  /** The service's own database. */
  databaseUrl: string;
  publicUrl: string;
  /** Needed as soon as one route is not `@Public()`. */
  identity?: TokenVerifierOptions;
  /** Needed as soon as one route is for guests. */
  guestSessions?: Type<GuestSessions>;
  /** TypeORM migration classes: the app's, and those of the packages it uses. */
  migrations: Type<MigrationInterface>[];
  /** TypeORM entity classes. */
  entities: Type[];
  /** Streams whose events the app handles with `@EventPattern` in an `@EventsController()`. */
  consumes: readonly StreamName[];
  modules: (Type | DynamicModule)[];
  /** Default: info. */
  logLevel?: LogLevelName;
  /** Connections to Postgres. Default: 10. */
  databasePoolSize?: number;
  /** Events handled at the same time. Default: that of the strategy, 500. */
  maxInFlight?: number;
  /** Largest JSON body of a route that names no limit of its own. Default: 128 KiB. */
  bodyLimitBytes?: number;
  /** Addresses or CIDRs of proxies whose `X-Forwarded-For` is believed. Default: none. */
  trustedProxies?: readonly string[];
}

export interface RunningService {
  /** `http://host:port` as it can be reached from this machine. */
  url: string;
  /** The same of the inner port: `/healthz`, `/readyz` with details, `/metrics`. */
  opsUrl: string;
  /** Runs the shutdown phases; the process lives on. */
  stop(): Promise<void>;
}
