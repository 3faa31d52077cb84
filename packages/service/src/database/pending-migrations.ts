import type { Type } from '@nestjs/common';
import type { Pool } from 'pg';
import type { MigrationInterface } from 'typeorm';

/**
 * Names of the migrations that the database has not seen. Reads only: TypeORM's own check creates its table, which a
 * running app must not do.
 */
export async function pendingMigrations(
  pool: Pool,
  migrations: readonly Type<MigrationInterface>[],
): Promise<string[]> {
  const table = await pool.query<{ name: string | null }>(`select to_regclass('migrations')::text as name`);
  const applied = table.rows[0]?.name
    ? (await pool.query<{ name: string }>('select name from migrations')).rows.map(({ name }) => name)
    : [];
  return migrations.map(migrationName).filter((name) => !applied.includes(name));
}

/** The name that TypeORM records: the field `name`, else that of the class. */
function migrationName(migration: Type<MigrationInterface>): string {
  return new migration().name ?? migration.name;
}
