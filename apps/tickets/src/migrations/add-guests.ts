import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = [
  `alter table people add column kind text not null default 'user' check (kind in ('user', 'guest'))`,
  // The id of an account is an identifier, which has no @: no token can name a guest, no guest an account.
  `alter table people add constraint people_keys check (
     case kind
       when 'guest' then id is not distinct from 'guest:' || email and position('@' in id) > 0 and not is_agent
       else position('@' in id) = 0
     end)`,

  'alter table tickets add column requester_locale text',
  // For counting them and for deleting the old ones.
  `create index tickets_unverified on tickets (created_at) where status = 'unverified'`,
  // Number and address as one value: whichever of both is wrong, the same pages are read.
  `create unique index tickets_for_guests on tickets ((requester_id || ' ' || number))
   where status <> 'unverified' and requester_id like 'guest:%'`,
  // Deleting a person checks each table that references people.
  'create index messages_of_author on messages (author_id)',
  'create index notes_of_author on notes (author_id)',

  // The challenge of each filing, and who may request it now. Kept as long as the ticket is unproven.
  `create table guest_filings (
     ticket_id uuid primary key references tickets on delete cascade,
     challenge_id uuid,
     -- Until then somebody else must not put the question: it is being put, or its code lives.
     leased_until timestamptz(3) not null
   )`,
];

export class AddGuests implements MigrationInterface {
  name = 'AddGuests1795900000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table guest_filings');
    await runner.query('drop index notes_of_author, messages_of_author, tickets_for_guests, tickets_unverified');
    await runner.query('alter table tickets drop column requester_locale');
    await runner.query('alter table people drop constraint people_keys, drop column kind');
  }
}
