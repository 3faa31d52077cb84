import type { MigrationInterface, QueryRunner } from 'typeorm';

/** One connection within a network. Earlier rows have none, and still count for the network. */
export class AddNarrowNetworks implements MigrationInterface {
  name = 'AddNarrowNetworks1796220000010';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table spendings add column narrow text');
    await runner.query(
      'create index spendings_of_narrow on spendings (purpose, narrow, spent_at) where narrow is not null',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table spendings drop column narrow');
  }
}
