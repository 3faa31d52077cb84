import type { EntityManager } from 'typeorm';
import type { Spending } from './measure.js';

/**
 * Counts a spending.
 * in: its id, and what is spent · out: nothing · lock: none but the new row's · race: none, whoever calls has measured under `lock-budgets`.
 */
export async function insertSpending(manager: EntityManager, id: string, spending: Spending): Promise<void> {
  await manager.query(
    `insert into spendings (id, purpose, address_hash, stem_hash, domain_hash, narrow, network, wide, widest)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      ...[id, spending.purpose, spending.addressHash, spending.stemHash, spending.domainHash],
      ...[spending.narrow, spending.network, spending.wide, spending.widest],
    ],
  );
}
