import type { Type } from '@nestjs/common';
import { DataSource, type Logger, type MigrationInterface } from 'typeorm';

const CONNECT_TIMEOUT_MS = 5_000;

export interface DataSourceSettings {
  service: string;
  url: string;
  entities?: readonly Type[];
  migrations?: readonly Type<MigrationInterface>[];
  poolSize?: number;
  onPoolError?: (error: Error) => void;
}

/** How every process of a service connects to its database. Nothing is created or changed by connecting. */
export function dataSourceFor(settings: DataSourceSettings): DataSource {
  const { service, url, entities, migrations, poolSize, onPoolError } = settings;
  return new DataSource({
    type: 'postgres',
    url,
    applicationName: service,
    entities: [...(entities ?? [])],
    migrations: [...(migrations ?? [])],
    poolSize: poolSize ?? 10,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    installExtensions: false,
    logger: silence,
    // Idle connections raise this when the server stops; without a listener the process would die.
    poolErrorHandler: onPoolError ?? (() => undefined),
  });
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
