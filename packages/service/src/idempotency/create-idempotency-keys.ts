import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The answers to requests with an `Idempotency-Key`. `status` is null only inside the transaction. */
export class CreateIdempotencyKeys implements MigrationInterface {
  name = 'CreateIdempotencyKeys1795300000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table idempotency_keys (
        principal  text        not null,
        route      text        not null,
        key        text        not null,
        body_hash  bytea       not null,
        status     smallint,
        response   jsonb,
        created_at timestamptz not null default now(),
        primary key (principal, route, key)
      )`);
    await runner.query('create index idempotency_keys_created_at on idempotency_keys (created_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table idempotency_keys');
  }
}
