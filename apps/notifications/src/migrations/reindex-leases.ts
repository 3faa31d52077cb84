import type { MigrationInterface, QueryRunner } from 'typeorm';

const index = (condition: string) => `create index deliveries_leases on deliveries (lease_until) where ${condition}`;

/**
 * An index of all that is leased, in words that `state = 'sending'` does not imply, as those of what is due or stuck. Analyzed while nothing
 * was under way, it seemed to cost nothing, and each outcome that was written down walked through the whole of it.
 */
export class ReindexLeases implements MigrationInterface {
  readonly name = 'ReindexLeases1796220000030';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('drop index deliveries_leases');
    await runner.query(index(`(state || '') in ('leased', 'sending')`));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index deliveries_leases');
    await runner.query(index(`state in ('leased', 'sending')`));
  }
}
