import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which of several providers may have a delivery, and what all replicas together may ask of each. */
export class AddProviderLimits implements MigrationInterface {
  readonly name = 'AddProviderLimits1796220000100';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table deliveries add column provider text');
    await runner.query(`
      create table provider_limits (
        provider text primary key,
        -- Requests in a window; null: the provider names no limit.
        per_window integer,
        window_ms integer not null,
        learned_at timestamptz not null default now(),
        -- It wants to be left alone until then.
        paused_until timestamptz not null default '-infinity'
      )`);
    // A block of the limit, and who may use it.
    await runner.query(`
      create table provider_blocks (
        provider text not null,
        number integer not null,
        holder uuid not null,
        lease_until timestamptz not null,
        primary key (provider, number)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table provider_blocks, provider_limits');
    await runner.query('alter table deliveries drop column provider');
  }
}
