import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Deliveries that went to the provider in one request stay together as long as nobody knows what became of it. */
export class AddBatches implements MigrationInterface {
  readonly name = 'AddBatches1795600000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table deliveries add column batch_id uuid,
        add column is_alone boolean not null default false,
        -- Counts the times that an operator had it made anew: what a webhook says of an earlier mail is not about this one.
        add column generation integer not null default 0`);
    // Who is left of a batch: asked whenever one of it settles.
    await runner.query(`
      create index deliveries_batch on deliveries (batch_id) where batch_id is not null and settled_at is null`);
    // What was frozen for single deliveries is made again, under the same Message-ID.
    await runner.query('drop table frozen_requests');
    await runner.query(`
      create table frozen_requests (
        batch_id uuid primary key,
        sealed bytea not null,
        frozen_at timestamptz not null default now()
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table frozen_requests');
    await runner.query(`
      create table frozen_requests (
        delivery_id uuid primary key,
        sealed bytea not null,
        frozen_at timestamptz not null default now()
      )`);
    await runner.query('alter table deliveries drop column batch_id, drop column is_alone, drop column generation');
  }
}
