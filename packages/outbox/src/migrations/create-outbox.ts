import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateOutbox implements MigrationInterface {
  readonly name = 'CreateOutbox1795300000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table outbox (
        id           bigint generated always as identity primary key,
        event_id     text        not null,
        subject      text        not null,
        data         text        not null,
        created_at   timestamptz not null default now(),
        published_at timestamptz,
        stream       text,
        sequence     bigint,
        constraint outbox_published_with_sequence
          check ((published_at is null) = (stream is null) and (published_at is null) = (sequence is null))
      ) with (
        -- Every row is inserted once and updated once; without early vacuums the relay would walk over its own past.
        autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000,
        autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 50000
      )`);
    await runner.query('create index outbox_unpublished on outbox (id) where published_at is null');
    await runner.query('create index outbox_ledger on outbox (published_at) where published_at is not null');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table outbox');
  }
}
