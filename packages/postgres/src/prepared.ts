import type { PoolClient } from 'pg';
import { type DataSource, type EntityManager, QueryFailedError, QueryRunnerAlreadyReleasedError } from 'typeorm';

/**
 * Runs a prepared statement: Postgres parses and plans it once for each connection, under its name. For small batches
 * planning takes several times as long as running. TypeORM cannot name a statement, so this goes to `pg` beneath it.
 *
 * For statements whose plan is good whatever the values and however much a table grows (`docs/explanation/performance.md`).
 *
 * @param on a data source, or the manager of a transaction
 * @param name always together with the same text: `pg` refuses another one
 * @throws QueryFailedError as `on.query` does
 */
export async function prepared<Rows extends object[]>(
  on: DataSource | EntityManager,
  name: string,
  text: string,
  values: unknown[],
): Promise<Rows> {
  const manager = 'manager' in on ? on.manager : on;
  const own = manager.queryRunner ? undefined : manager.dataSource.createQueryRunner();
  const runner = manager.queryRunner ?? own;
  // A released runner still has its connection, which may be another's by now.
  if (!runner || runner.isReleased) throw new QueryRunnerAlreadyReleasedError();
  try {
    const client: PoolClient = await runner.connect();
    manager.dataSource.logger.logQuery(text, values, runner);
    const { rows } = await client.query<Rows[number]>({ name, text, values }).catch((error: Error) => {
      throw new QueryFailedError(text, values, error);
    });
    return rows as Rows;
  } finally {
    await own?.release();
  }
}
