import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = [
  // The read model of guests' tickets. Never purged: without the time of closing, the links of a closed ticket would work again.
  `create table tickets (
     id uuid primary key,
     number text not null,
     locale text,
     version bigint not null check (version >= 0),
     closed_at timestamptz(3)
   )`,

  `create table links (
     delivery_id uuid primary key,
     ticket_id uuid not null,
     email text not null,
     salt bytea not null,
     key_id bytea not null,
     token_hash bytea not null unique,
     issued_at timestamptz(3) not null default now(),
     revoked_at timestamptz(3)
   )`,
  'create index links_of_ticket on links (ticket_id, email)',
  'create index tickets_closed on tickets (closed_at) where closed_at is not null',
  'create index links_revoked on links (revoked_at) where revoked_at is not null',

  // One per browser, ticket and purpose, so that only one code is valid.
  `create table challenges (
     purpose text not null check (purpose in ('filing', 'link')),
     ticket_id uuid not null,
     browser_hash bytea not null,
     id uuid not null unique,
     email text not null,
     link_hash bytea,
     code_mac bytea not null,
     tries integer not null default 0 check (tries >= 0),
     expires_at timestamptz(3) not null,
     spent_at timestamptz(3),
     asked_with bytea,
     spent_with bytea,
     primary key (purpose, ticket_id, browser_hash)
   )`,
  'create index challenges_expired on challenges (expires_at)',
  'create index challenges_of_browser on challenges (browser_hash, asked_with)',

  `create table sessions (
     id uuid primary key,
     token_hash bytea not null unique,
     email text not null,
     ticket_ids uuid[] not null,
     created_at timestamptz(3) not null default now(),
     seen_at timestamptz(3) not null default now()
   )`,
  'create index sessions_idle on sessions (seen_at)',
  'create index sessions_of_ticket on sessions using gin (ticket_ids)',

  // What budgets count: one row per requested mail, and per wrong code.
  `create table spendings (
     id uuid primary key,
     purpose text not null,
     address_hash bytea,
     network text,
     spent_at timestamptz(3) not null default now()
   )`,
  'create index spendings_of_address on spendings (purpose, address_hash, spent_at) where address_hash is not null',
  'create index spendings_of_network on spendings (purpose, network, spent_at)',
  'create index spendings_of_instance on spendings (purpose, spent_at)',
  'create index spendings_old on spendings (spent_at)',

  `create table link_requests (
     id uuid primary key,
     number text not null,
     email text not null,
     tries integer not null default 0,
     due_at timestamptz(3) not null default now(),
     asked_at timestamptz(3) not null default now()
   )`,
  'create index link_requests_due on link_requests (due_at)',
];

export class CreateGuestAccess implements MigrationInterface {
  name = 'CreateGuestAccess1795910400000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table link_requests, spendings, sessions, challenges, links, tickets');
  }
}
