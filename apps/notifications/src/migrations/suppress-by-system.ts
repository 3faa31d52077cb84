import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Whose mails an address gets no more: of certain systems, because their mail was complained about, or of all (null), because nothing
 * arrives there. Complaints from before belong to the system of the mail that they were about; where that is gone, nobody knows it,
 * and they stay what they were. A replica of the release before suppresses for all, as it did.
 */
export class SuppressBySystem implements MigrationInterface {
  readonly name = 'SuppressBySystem1796220000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table suppressions add column systems text[]');
    await runner.query(`
      update suppressions s set systems = array[d.system] from deliveries d
      where d.id = s.delivery_id and s.reason = 'complained'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table suppressions drop column systems');
  }
}
