import { databaseWith, type SpecDatabase } from '@bellhop/postgres/testing';
import { migrations } from '../src/notifications-service.js';

/**
 * The spec's own database with all tables of this app.
 * @param options `hasGenericPlans`: with the connection settings of the app's background work
 */
export const migratedDatabase = (options: { hasGenericPlans?: boolean } = {}): Promise<SpecDatabase> =>
  databaseWith({ migrations, ...options });
