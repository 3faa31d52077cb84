import { databaseWith, type SpecDatabase } from '@bellhop/postgres/testing';
import { migrations } from '../src/notifications-service.js';

/** A database of the spec's own with all tables of this app. */
export const migratedDatabase = (): Promise<SpecDatabase> => databaseWith({ migrations });
