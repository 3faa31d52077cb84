import { databaseWith, recordStatements, type SpecDatabase, type Statement } from '@bellhop/postgres/testing';
import { entities, migrations } from '../src/tickets-service.js';

export interface TicketsDatabase extends SpecDatabase {
  /** Statements sent since this was last called. */
  statements(): Statement[];
}

/** A database of the spec's own with all tables of this app. */
export async function migratedDatabase(): Promise<TicketsDatabase> {
  const database = await databaseWith({ migrations, entities });
  return { ...database, statements: recordStatements(database.dataSource) };
}
