import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the provider tells us after it has taken a mail, and which of its webhooks we have had. */
export class AddFeedback implements MigrationInterface {
  readonly name = 'AddFeedback1764110000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table deliveries
        add column feedback text check (feedback in ('delayed', 'delivered', 'bounced', 'complained')),
        add column feedback_at timestamptz`);
    // Webhooks name the mail as the provider does.
    await runner.query(`
      create index deliveries_provider_ref on deliveries (provider_ref) where provider_ref is not null`);
    await runner.query(`
      create table webhook_receipts (
        webhook_id text primary key,
        signed_at timestamptz not null,
        sendings integer not null default 1,
        received_at timestamptz not null default now()
      )`);
    await runner.query(`create index webhook_receipts_age on webhook_receipts using brin (received_at)`);
    // For the list that operators read, newest first.
    await runner.query(`create index suppressions_age on suppressions (suppressed_at, address)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table webhook_receipts');
    await runner.query('drop index suppressions_age, deliveries_provider_ref');
    await runner.query('alter table deliveries drop column feedback, drop column feedback_at');
  }
}
