import type { MigrationInterface, QueryRunner } from 'typeorm';

const index = (columns: string) =>
  `create index deliveries_due on deliveries (${columns}) where (state || '') in ('pending', 'retrying', 'unknown')`;

/** What is due, by system first: each system is found by one look, and gets its share of the places whatever others have waiting. */
export class ShareDispatch implements MigrationInterface {
  readonly name = 'ShareDispatch1796100000030';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('drop index deliveries_due');
    await runner.query(index('channel, system, priority, due_at'));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index deliveries_due');
    await runner.query(index('channel, priority, due_at'));
  }
}
