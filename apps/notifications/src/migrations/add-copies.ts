import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How often a mail that had been taken was sent again on purpose: each of those is a message of its own. */
export class AddCopies implements MigrationInterface {
  readonly name = 'AddCopies1796150000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table deliveries add column copies integer not null default 0');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table deliveries drop column copies');
  }
}
