import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What people with an account find in their feed. */
export class AddFeed implements MigrationInterface {
  readonly name = 'AddFeed1796220000070';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table feed_entries (
        -- In the order in which they came: of one person, each is made while the revision is locked.
        id uuid primary key default uuidv7(),
        -- The account, as \`sub\` of an access token.
        person text not null,
        delivery_id uuid not null unique,
        -- Always one of ours.
        ticket_id text not null,
        ticket_number text not null,
        version bigint not null,
        kind text not null,
        count integer not null,
        due_at timestamptz,
        url text not null,
        at timestamptz not null,
        seen_at timestamptz
      )`);
    await runner.query('create index feed_entries_person on feed_entries (person, id)');
    await runner.query('create index feed_entries_unseen on feed_entries (person, ticket_id) where seen_at is null');
    await runner.query(`
      create table feed_revisions (
        person text primary key,
        -- Grows with every change of what the person has not seen, in the same transaction.
        rev bigint not null
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    // The release before has no dispatcher for them.
    await runner.query(`
      update deliveries set state = 'skipped', reason = 'channel_off', settled_at = now(), leased_by = null, lease_until = null
      where channel = 'feed' and settled_at is null`);
    await runner.query('drop table feed_revisions');
    await runner.query('drop table feed_entries');
  }
}
