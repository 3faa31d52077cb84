import type { EntityManager, QueryRunner } from 'typeorm';
import { PostgresUsageError } from './postgres.errors.js';

/**
 * The query runner of the transaction that `manager` belongs to.
 * @param caller who needs one, for the message
 * @throws PostgresUsageError `no_transaction` outside a transaction
 */
export function requireTransaction(manager: EntityManager, caller: string): QueryRunner {
  const runner = manager.queryRunner;
  if (runner?.isTransactionActive) return runner;
  throw new PostgresUsageError(
    'no_transaction',
    `${caller} was called outside a transaction: pass the manager that dataSource.transaction(…) gives you`,
  );
}
