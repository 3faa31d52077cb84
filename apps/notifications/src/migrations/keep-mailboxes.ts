import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Where the mails of the last hour went, whichever system sent them and however the address was spelt: what the ceiling counts.
 * By the rules of the providers, which are no expression of Postgres, so it is written down with each attempt. Attempts from before
 * have none: for an hour after the change they are not counted, and then nobody would any more. The index by recipient key stays:
 * replicas of the release before count by it.
 */
export class KeepMailboxes implements MigrationInterface {
  readonly name = 'KeepMailboxes1796220000010';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table deliveries add column mailbox text');
    await runner.query(`
      create index deliveries_mailbox on deliveries (mailbox, attempted_at) where mailbox is not null`);
  }

  async down(runner: QueryRunner): Promise<void> {
    // Its index goes with it.
    await runner.query('alter table deliveries drop column mailbox');
  }
}
