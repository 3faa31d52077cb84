import type { MigrationInterface, QueryRunner } from 'typeorm';

const WIDER = ['wide', 'widest'] as const;

/** The networks around the client's: whoever has many small networks usually has adjacent ones. */
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
