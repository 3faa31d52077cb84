import type { MigrationInterface, QueryRunner } from 'typeorm';

const WIDER = ['wide', 'widest'] as const;

/** The networks around the one that somebody comes from: whoever has many small ones commonly has them side by side. */
export class AddWiderNetworks implements MigrationInterface {
  name = 'AddWiderNetworks1796100000030';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table spendings add column wide text, add column widest text');
    for (const column of WIDER)
      await runner.query(
        `create index spendings_of_${column} on spendings (purpose, ${column}, spent_at) where ${column} is not null`,
      );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table spendings drop column wide, drop column widest');
  }
}
