import type { MigrationInterface, QueryRunner } from 'typeorm';

const HASHES = ['stem', 'domain'] as const;

/** Wider budgets around an address. Rows with an unkeyed hash of the address do not count any more; they are purged within a day. */
export class AddMailboxBudgets implements MigrationInterface {
  name = 'AddMailboxBudgets1796100000050';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table spendings add column stem_hash bytea, add column domain_hash bytea');
    for (const hash of HASHES)
      await runner.query(
        `create index spendings_of_${hash} on spendings (purpose, ${hash}_hash, spent_at) where ${hash}_hash is not null`,
      );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table spendings drop column stem_hash, drop column domain_hash');
  }
}
