import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where the mails of a guest's ticket go, as it was typed; without it, to the address of the person, which is in small letters. */
export class KeepTypedAddresses implements MigrationInterface {
  name = 'KeepTypedAddresses1796200000040';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table tickets add column requester_address text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table tickets drop column requester_address');
  }
}
