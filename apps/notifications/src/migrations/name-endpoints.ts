import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Where a channel reaches a person need not be a mail address: `endpoint`. Suppressions and what ceilings count by belong to a
 * channel, too. A replica of the release before knows none of these names: stop those first.
 */
export class NameEndpoints implements MigrationInterface {
  readonly name = 'NameEndpoints1796220000040';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table deliveries rename column address to endpoint');
    await runner.query('alter table deliveries rename column mailbox to ceiling_key');
    await runner.query('alter index deliveries_mailbox rename to deliveries_ceiling');
    // Ceilings count by `ceiling_key` alone; only the release before read this one, and each attempt had to write it.
    await runner.query('drop index deliveries_attempts');
    await runner.query('alter table suppressions rename column address to endpoint');
    await runner.query(`alter table suppressions add column channel text not null default 'email'`);
    await runner.query(
      'alter table suppressions drop constraint suppressions_pkey, add primary key (channel, endpoint)',
    );
    await runner.query('alter table suppressions alter column channel drop default');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`delete from suppressions where channel <> 'email'`);
    await runner.query('alter table suppressions drop constraint suppressions_pkey, add primary key (endpoint)');
    await runner.query('alter table suppressions drop column channel');
    await runner.query('alter table suppressions rename column endpoint to address');
    await runner.query(
      'create index deliveries_attempts on deliveries (recipient_key, attempted_at) where attempted_at is not null',
    );
    await runner.query('alter index deliveries_ceiling rename to deliveries_mailbox');
    await runner.query('alter table deliveries rename column ceiling_key to mailbox');
    await runner.query('alter table deliveries rename column endpoint to address');
  }
}
