import { databaseWith, type SpecDatabase } from '@bellhop/postgres/testing';
import { migrations } from '../src/notifications-service.js';

/**
 * A database of the spec's own with all tables of this app.
 * @param options `hasGenericPlans`: connected to as by what the app does by itself
 */
export const migratedDatabase = (options: { hasGenericPlans?: boolean } = {}): Promise<SpecDatabase> =>
  databaseWith({ migrations, ...options });
