import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the relay remembers of each stream, to detect that it has lost its end. */
export class CreateOutboxStreams implements MigrationInterface {
  readonly name = 'CreateOutboxStreams1795300000006';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table outbox_streams (
        stream              text primary key,
        -- In the server's own words; null until it was asked.
        stream_created_at   text,
        -- Consumers that are being built again, as the server needs them; not empty only until that is done.
        consumers_to_build  jsonb not null default '[]'
      )`);
    await runner.query(
      'insert into outbox_streams (stream) select distinct stream from outbox where stream is not null',
    );
    await runner.query('create index outbox_sequence on outbox (stream, sequence) where published_at is not null');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index outbox_sequence');
    await runner.query('drop table outbox_streams');
  }
}
