import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where the mail with a link went, as it was typed; without it, the normalised address of the link. */
export class KeepTypedAddresses implements MigrationInterface {
  name = 'KeepTypedAddresses1796100000040';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table links add column sent_to text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table links drop column sent_to');
  }
}
