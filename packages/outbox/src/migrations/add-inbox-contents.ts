import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Hash of an event's content, to distinguish a duplicate from another event under the same id. Null if not needed, and for older rows. */
export class AddInboxContents implements MigrationInterface {
  readonly name = 'AddInboxContents1796100000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table inbox add column content bytea');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table inbox drop column content');
  }
}
