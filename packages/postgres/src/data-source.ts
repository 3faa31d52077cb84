import pg, { type Pool } from 'pg';
import { DataSource, type Logger, type MigrationInterface } from 'typeorm';
import { PostgresClient } from './client.js';

const CONNECT_TIMEOUT_MS = 5_000;
/** Far longer than any statement of a running service takes. A server that hangs must not block a request for ever. */
const STATEMENT_TIMEOUT_MS = 30_000;
/** A transaction whose owner is stuck must not hold its locks for ever: the server closes the connection. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 30_000;
/** Locks are held for milliseconds. A statement that waits longer fails, releases its connection and is retried later. */
const LOCK_TIMEOUT_MS = 10_000;

const TIMEOUTS = {
  statement_timeout: STATEMENT_TIMEOUT_MS,
  query_timeout: STATEMENT_TIMEOUT_MS + 5_000,
  idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
  lock_timeout: LOCK_TIMEOUT_MS,
};

/**
 * Set on every connection. The default cost of random reads is tuned for spinning disks: the planner reads whole small tables
 * where an index would be faster, and compiles queries whose cost it overestimates (1.5 × the mails per second without JIT).
 */
const PLANNER = '-c random_page_cost=1.1 -c jit=off';

/**
 * Set in addition on connections whose statements repeat all day. A plan of `prepared()` is made once and kept while tables grow.
 * So it is made without values, and never reads a whole table that has an index for the condition, whatever the statistics of that
 * moment say. The price is a rule for all statements on these connections: an optional condition is left out of the text instead
 * of written as `$1 is null or …`, which no index can serve. See docs/explanation/performance.md.
 */
const GENERIC_PLANS = `${PLANNER} -c plan_cache_mode=force_generic_plan -c enable_seqscan=off`;

export interface ConnectionOptions {
  url: string;
  extra: { Client: typeof PostgresClient };
}

/** How every process of ours connects. Exported for specs and benchmarks, so that they get the same plans. */
export function connectionOptions(url: string, { hasGenericPlans = false } = {}): ConnectionOptions {
  const address = new URL(url);
  const [ours, own] = [hasGenericPlans ? GENERIC_PLANS : PLANNER, address.searchParams.get('options')];
  // Set in the URL, because its own `options` would replace any others. The last one wins: those of the URL.
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

/** The data source of a service. Connecting creates and changes nothing in the database. */
export function dataSourceFor(settings: DataSourceSettings): DataSource {
  const { service, entities, migrations, poolSize, hasGenericPlans, hasNoTimeout, onPoolError } = settings;
  const { url, extra } = connectionOptions(settings.url, { hasGenericPlans: hasGenericPlans ?? false });
  return new DataSource({
    type: 'postgres',
    // TypeORM would load it by its name, which a bundle cannot follow.
    driver: pg,
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
      // The server's limit fires first; the client's own is for a server that hangs.
      ...(hasNoTimeout ? {} : TIMEOUTS),
    },
    logger: silence,
    // An idle connection emits 'error' when the server stops; without a listener the process would crash.
    poolErrorHandler: onPoolError ?? (() => undefined),
  });
}

/** The pool of `pg` that TypeORM uses; undefined until the data source is initialized. */
export function poolOf(dataSource: DataSource): Pool {
  return (dataSource.driver as unknown as { master: Pool }).master;
}

/** TypeORM would print failed queries to the console, parameters included. Whoever catches the error logs it. */
const silence: Logger = {
  log: () => undefined,
  logMigration: () => undefined,
  logQuery: () => undefined,
  logQueryError: () => undefined,
  logQuerySlow: () => undefined,
  logSchemaBuild: () => undefined,
};
