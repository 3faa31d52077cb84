import type { Pool } from 'pg';
import { DataSource, type Logger, type MigrationInterface } from 'typeorm';
import { PostgresClient } from './client.js';

const CONNECT_TIMEOUT_MS = 5_000;
/** Nothing that a running service asks takes nearly as long; a server that hangs must not hold a request for ever. */
const STATEMENT_TIMEOUT_MS = 30_000;
/** A transaction whose owner is stuck must not hold its locks for ever; the server ends its connection. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 30_000;
/** Locks are held for milliseconds; who waits longer gives its connection back and tries again later. */
const LOCK_TIMEOUT_MS = 10_000;

const TIMEOUTS = {
  statement_timeout: STATEMENT_TIMEOUT_MS,
  query_timeout: STATEMENT_TIMEOUT_MS + 5_000,
  idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
  lock_timeout: LOCK_TIMEOUT_MS,
};

/**
 * On every connection. Rows are looked up by index, often hundreds at once. By its default, tuned for spinning disks, the planner
 * reads whole tables instead as long as they are small, and compiles queries whose cost it overrates (1.5 × the mails per second
 * without that).
 */
const PLANNER = '-c random_page_cost=1.1 -c jit=off';

/**
 * Besides, on connections whose statements repeat all day. A plan of `prepared()` is made once and kept while tables grow: so it is
 * made without values, and never reads a whole table that has an index for the condition, whatever the statistics of that moment
 * say. The price is a rule for all statements that run there: a condition that is not always needed is left out of the text,
 * and not written as `$1 is null or …`, for which no index could serve. docs/explanation/performance.md says more.
 */
const GENERIC_PLANS = `${PLANNER} -c plan_cache_mode=force_generic_plan -c enable_seqscan=off`;

export interface ConnectionOptions {
  url: string;
  extra: { Client: typeof PostgresClient };
}

/** How our processes connect, whoever else does: for specs and measurements that are to see the same plans. */
export function connectionOptions(url: string, { hasGenericPlans = false } = {}): ConnectionOptions {
  const address = new URL(url);
  const [ours, own] = [hasGenericPlans ? GENERIC_PLANS : PLANNER, address.searchParams.get('options')];
  // In the URL, whose own `options` would replace any others; they stand behind ours, so that they win.
  address.searchParams.set('options', own ? `${ours} ${own}` : ours);
  return { url: address.href, extra: { Client: PostgresClient } };
}

type Class<T> = new () => T;

export interface DataSourceSettings {
  service: string;
  url: string;
  entities?: readonly Class<object>[];
  migrations?: readonly Class<MigrationInterface>[];
  /** Connections at most. Default: 10. */
  poolSize?: number;
  /** For what a service does by itself: see {@link GENERIC_PLANS}. */
  hasGenericPlans?: boolean;
  /** For migrations, which may take their time. Default: 30 s per statement, 10 s per lock. */
  hasNoTimeout?: boolean;
  onPoolError?: (error: Error) => void;
}

/** How every process of a service connects to its database. Nothing is created or changed by connecting. */
export function dataSourceFor(settings: DataSourceSettings): DataSource {
  const { service, entities, migrations, poolSize, hasGenericPlans, hasNoTimeout, onPoolError } = settings;
  const { url, extra } = connectionOptions(settings.url, { hasGenericPlans: hasGenericPlans ?? false });
  return new DataSource({
    type: 'postgres',
    url,
    applicationName: service,
    entities: [...(entities ?? [])],
    migrations: [...(migrations ?? [])],
    poolSize: poolSize ?? 10,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    installExtensions: false,
    extra: {
      ...extra,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      // The server gives up first; the client's own limit is for a server that cannot.
      ...(hasNoTimeout ? {} : TIMEOUTS),
    },
    logger: silence,
    // Idle connections raise this when the server stops; without a listener the process would die.
    poolErrorHandler: onPoolError ?? (() => undefined),
  });
}

/** The pool of `pg` beneath. It is there once the data source is initialized. */
export function poolOf(dataSource: DataSource): Pool {
  return (dataSource.driver as unknown as { master: Pool }).master;
}

/** TypeORM would print failures to the console, queries and parameters included; whoever catches them writes the line. */
const silence: Logger = {
  log: () => undefined,
  logMigration: () => undefined,
  logQuery: () => undefined,
  logQueryError: () => undefined,
  logQuerySlow: () => undefined,
  logSchemaBuild: () => undefined,
};
