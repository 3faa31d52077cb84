import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = [
  `create table attachments (
     id uuid primary key,
     uploader text not null,
     -- Of somebody without an account, for a day: the budget of a network.
     network text,
     key text unique,
     name text,
     type text,
     size_bytes integer not null check (size_bytes > 0),
     -- A ticket that is deleted leaves its files to nobody, and those are removed, row and content.
     message_id uuid references messages on delete set null,
     position integer,
     created_at timestamptz(3) not null,
     check ((key is null) = (name is null) and (key is null) = (type is null)),
     check (message_id is null or key is not null)
   )`,
  'create index attachments_of_message on attachments (message_id) where message_id is not null',
  'create index attachments_unlinked_of on attachments (uploader) where message_id is null',
  'create index attachments_unlinked on attachments (created_at) where message_id is null',
  'create index attachments_of_network on attachments (network, created_at) where network is not null',
];

export class AddAttachments implements MigrationInterface {
  name = 'AddAttachments1795900000001';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table attachments');
  }
}
