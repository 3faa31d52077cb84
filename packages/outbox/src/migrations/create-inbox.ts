import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * One plain table: partitions by day would make the purge free, but a key must be unique across all days.
 * `seen_on` is a day, not an instant, so its index holds each of 31 values once with a list of rows behind it: inserts
 * go to its last page, and a purge reads it from the front.
 */
export class CreateInbox implements MigrationInterface {
  readonly name = 'CreateInbox1795300000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table inbox (
        consumer text collate "C" not null,
        system   text collate "C" not null,
        event_id text collate "C" not null,
        seen_on  date not null default (now() at time zone 'utc')::date,
        primary key (consumer, system, event_id)
      )`);
    await runner.query('create index inbox_seen_on on inbox (seen_on)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table inbox');
  }
}
