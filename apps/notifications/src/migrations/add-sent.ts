import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What was sent to a person, newest first. Only what was tried or has ended: while a delivery waits, it costs no write. */
export class AddSent implements MigrationInterface {
  readonly name = 'AddSent1796220000090';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create index deliveries_recipient on deliveries (recipient_key, id)
      where coalesce(attempted_at, settled_at) is not null`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index deliveries_recipient');
  }
}
