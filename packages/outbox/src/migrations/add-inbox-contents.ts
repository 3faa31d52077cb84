import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What an event said, so that a second one under the same id can be told from a copy. Null where nobody asks, and for older rows. */
export class AddInboxContents implements MigrationInterface {
  readonly name = 'AddInboxContents1796100000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table inbox add column content bytea');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table inbox drop column content');
  }
}
