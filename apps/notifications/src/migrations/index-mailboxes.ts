import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What went to a mailbox lately, whichever system sent it and however the address was spelt. The index by recipient key stays:
 * replicas of the release before count by it.
 */
export class IndexMailboxes implements MigrationInterface {
  readonly name = 'IndexMailboxes1796100000040';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create index deliveries_mailbox on deliveries (
        (regexp_replace(lower(address collate "C"), '^([^+@]+)\\+[^@]*@', '\\1@')), attempted_at)
      where attempted_at is not null`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index deliveries_mailbox');
  }
}
