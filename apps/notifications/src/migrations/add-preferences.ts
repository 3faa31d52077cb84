import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What people have decided about their notifications. Whoever has decided nothing has no row. */
export class AddPreferences implements MigrationInterface {
  readonly name = 'AddPreferences1796220000080';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table person_settings (
        -- An account of ours, as the key of a requester.
        person text primary key,
        -- Cells of the matrix that are off: \`replied.email\`, \`*.push\`.
        off text[] not null default '{}',
        mail_after_minutes smallint,
        quiet_hours jsonb,
        locale text,
        timezone text,
        sealed_phrase bytea,
        changed_at timestamptz not null
      )`);
    await runner.query(`
      create table ticket_mutes (
        -- The key of a recipient; of an account of ours, the one of a requester in every role.
        person text not null,
        system text not null,
        ticket_id text not null,
        ticket_number text,
        muted_at timestamptz not null,
        primary key (person, system, ticket_id)
      )`);
    await runner.query('create index ticket_mutes_age on ticket_mutes using brin (muted_at)');
    // An agent's mail is not for what they have seen in the feed.
    await runner.query('create index feed_entries_seen on feed_entries (person, ticket_id) where seen_at is not null');
    // Which setting of the person had a part in it.
    await runner.query('alter table decisions add column rule text');
    // Until when later events may put it off; null in rows from before: these keep the time they have.
    await runner.query('alter table deliveries add column latest_at timestamptz');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index feed_entries_seen');
    await runner.query('alter table deliveries drop column latest_at');
    await runner.query('alter table decisions drop column rule');
    await runner.query('drop table ticket_mutes, person_settings');
  }
}
