import { testDatabase } from '@bellhop/local-stack';
import { DataSource } from 'typeorm';
import { connectionOptions, type DataSourceSettings } from '../data-source.js';

export interface SpecDatabase {
  readonly url: string;
  readonly dataSource: DataSource;
  /** Closes the data source and drops the database. */
  stop(): Promise<void>;
}

/** A database of the spec's own with the tables that these migrations make, connected to as an app does for requests, or with generic plans. */
export async function databaseWith({
  migrations = [],
  entities = [],
  hasGenericPlans = false,
}: Pick<DataSourceSettings, 'migrations' | 'entities' | 'hasGenericPlans'>): Promise<SpecDatabase> {
  const database = await testDatabase();
  const dataSource = new DataSource({
    type: 'postgres',
    ...connectionOptions(database.url, { hasGenericPlans }),
    migrations: [...migrations],
    entities: [...entities],
    installExtensions: false,
  });
  await dataSource.initialize();
  await dataSource.runMigrations({ transaction: 'each' });
  return {
    url: database.url,
    dataSource,
    async stop() {
      await dataSource.destroy();
      await database.drop();
    },
  };
}
