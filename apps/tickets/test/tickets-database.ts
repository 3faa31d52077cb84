import { testDatabase } from '@bellhop/local-stack';
import { connectionOptions } from '@bellhop/postgres';
import { DataSource } from 'typeorm';
import { entities, migrations } from '../src/tickets-service.js';

interface Statement {
  readonly sql: string;
  readonly parameters: unknown[];
}

export interface TicketsDatabase {
  readonly url: string;
  readonly dataSource: DataSource;
  /** Statements sent since this was last asked. */
  statements(): Statement[];
  drop(): Promise<void>;
}

/** A fresh database with every table of `tickets`. */
export async function ticketsDatabase(): Promise<TicketsDatabase> {
  const { url, drop } = await testDatabase();
  let sent: Statement[] = [];
  const dataSource = new DataSource({
    type: 'postgres',
    ...connectionOptions(url),
    entities,
    migrations,
    logging: ['query'],
    logger: {
      logQuery: (sql, parameters) => sent.push({ sql, parameters: parameters as unknown[] }),
      logQueryError() {},
      logQuerySlow() {},
      logSchemaBuild() {},
      logMigration() {},
      log() {},
    },
  });
  await dataSource.initialize();
  await dataSource.runMigrations({ transaction: 'each' });
  return {
    url,
    dataSource,
    statements() {
      const statements = sent;
      sent = [];
      return statements;
    },
    async drop() {
      await dataSource.destroy();
      await drop();
    },
  };
}
