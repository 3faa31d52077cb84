import type { Type } from '@nestjs/common';
import type { MigrationInterface } from 'typeorm';

export type Query = (sql: string) => Promise<{ name: string | null }[]>;

/**
 * Names of the migrations that the database has not seen. Reads only: TypeORM's own check creates its table, which a
 * running app must not do.
 */
export async function pendingMigrations(
  query: Query,
  migrations: readonly Type<MigrationInterface>[],
): Promise<string[]> {
  const [table] = await query(`select to_regclass('migrations')::text as name`);
  const applied = table?.name ? (await query('select name from migrations')).map(({ name }) => name) : [];
  return migrations.map(migrationName).filter((name) => !applied.includes(name));
}

/** The name that TypeORM records: the field `name`, else that of the class. */
function migrationName(migration: Type<MigrationInterface>): string {
  return new migration().name ?? migration.name;
}
