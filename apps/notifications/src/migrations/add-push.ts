import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The browsers that people have switched push on in, and what became of each push to them. The endpoint is who a browser is; it stands in
 * `sealed`, with its keys, for as long as anything is sent to it.
 */
export class AddPush implements MigrationInterface {
  readonly name = 'AddPush1796220000060';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table push_subscriptions (
        id uuid primary key,
        person text not null,
        endpoint_hash bytea not null unique,
        keys_hash bytea not null,
        sealed bytea,
        vapid_key text not null,
        service text not null,
        browser_hash text not null,
        name text,
        state text not null check (state in ('active', 'stale_key', 'gone', 'ended')),
        registered_at timestamptz not null,
        confirmed_at timestamptz not null,
        accepted_at timestamptz,
        tested_at timestamptz,
        ended_at timestamptz,
        check ((state = 'active') = (sealed is not null)),
        check ((state = 'active') = (ended_at is null))
      )`);
    // Not of active ones alone: while these are few, plans that are kept would read such an index whole.
    await runner.query('create index push_subscriptions_person on push_subscriptions (person, state)');
    await runner.query('create index push_subscriptions_browser on push_subscriptions (browser_hash)');
    await runner.query(
      'create index push_subscriptions_ended on push_subscriptions (ended_at) where ended_at is not null',
    );
    await runner.query(`
      create table push_attempts (
        delivery_id uuid not null,
        subscription_id uuid not null,
        service text not null,
        state text not null,
        status integer,
        reason text,
        attempts integer not null,
        at timestamptz not null,
        primary key (delivery_id, subscription_id)
      )`);
    await runner.query('create index push_attempts_at on push_attempts (at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table push_attempts');
    await runner.query('drop table push_subscriptions');
  }
}
