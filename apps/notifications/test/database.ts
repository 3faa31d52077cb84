import { testDatabase } from '@bellhop/local-stack';
import { connectionOptions } from '@bellhop/postgres';
import { DataSource } from 'typeorm';
import { migrations } from '../src/notifications-service.js';

/** A database of the spec's own, with all our tables. */
export async function migratedDatabase(): Promise<{ dataSource: DataSource; stop(): Promise<void> }> {
  const database = await testDatabase();
  const dataSource = new DataSource({
    type: 'postgres',
    ...connectionOptions(database.url),
    migrations,
    installExtensions: false,
  });
  await dataSource.initialize();
  await dataSource.runMigrations({ transaction: 'each' });
  return {
    dataSource,
    async stop() {
      await dataSource.destroy();
      await database.drop();
    },
  };
}
