import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Mails that a guest asked for (a one-time code, a fresh link), and the codes themselves, sealed and short-lived. */
export class AddGuestMails implements MigrationInterface {
  readonly name = 'AddGuestMails1795800000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table deliveries
        -- The challenge or request that it was asked for by; null for alerts, which tell of events.
        add column request_id uuid,
        -- From then on it is worth nothing, and is not sent.
        add column expires_at timestamptz`);
    // A request that is repeated finds its delivery.
    await runner.query(`
      create unique index deliveries_request on deliveries (request_id, template) where request_id is not null`);
    await runner.query(`
      create table sealed_codes (
        delivery_id uuid primary key,
        sealed bytea not null,
        expires_at timestamptz not null
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table sealed_codes');
    await runner.query('drop index deliveries_request');
    await runner.query('alter table deliveries drop column request_id, drop column expires_at');
  }
}
