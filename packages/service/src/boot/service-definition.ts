import type { ServiceName, StreamName } from '@bellhop/contracts/streams';
import type { DynamicModule, Type } from '@nestjs/common';
import type { MigrationInterface } from 'typeorm';
import type { GuestSessions } from '../identity/guest-sessions.js';

/** What a service is made of. Where it runs and with which servers is in its settings, `ServiceConfig`. */
export interface ServiceDefinition {
  name: ServiceName;
  /** Needed as soon as one route is for guests. */
  guestSessions?: Type<GuestSessions>;
  /** TypeORM migration classes: the app's, and those of the packages it uses. */
  migrations: Type<MigrationInterface>[];
  /** TypeORM entity classes. */
  entities: Type[];
  /** Streams whose events the app handles with `@EventPattern` in an `@EventsController()`. */
  consumes: readonly StreamName[];
  modules: (Type | DynamicModule)[];
  /** Events handled at the same time. Default: that of the strategy, 500. */
  maxInFlight?: number;
  /** Largest JSON body of a route that names no limit of its own. Default: 128 KiB. */
  bodyLimitBytes?: number;
}

export interface RunningService {
  /** `http://host:port` as it can be reached from this machine. */
  url: string;
  /** The same of the inner port: `/healthz`, `/readyz` with details, `/metrics`. */
  opsUrl: string;
  /** Runs the shutdown phases; the process lives on. */
  stop(): Promise<void>;
}
