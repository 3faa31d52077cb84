import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The address as typed, to which the mail with a link was sent. Null for earlier links: then the normalised address is used. */
export class KeepTypedAddresses implements MigrationInterface {
  name = 'KeepTypedAddresses1796100000040';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table links add column sent_to text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table links drop column sent_to');
  }
}
