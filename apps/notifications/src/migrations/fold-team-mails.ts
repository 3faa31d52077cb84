import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which other delivery a skipped one went into: many mails to the team become one about all of it. */
export class FoldTeamMails implements MigrationInterface {
  readonly name = 'FoldTeamMails1796220000020';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table deliveries add column folded_into uuid');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table deliveries drop column folded_into');
  }
}
