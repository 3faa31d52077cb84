import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How often each network has asked whether a mail is ours. */
export class AddMailChecks implements MigrationInterface {
  readonly name = 'AddMailChecks1796220000091';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table mail_check_counts (
        network text primary key,
        -- When the window began that is counted.
        began_at timestamptz not null,
        count integer not null
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table mail_check_counts');
  }
}
