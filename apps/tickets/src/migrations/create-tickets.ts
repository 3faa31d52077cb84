import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = [
  `create table people (
     id text primary key,
     is_agent boolean not null,
     email text,
     locale text,
     timezone text,
     changed_at timestamptz(3) not null
   )`,
  // An agent is looked up by address, whatever the case it was typed in.
  'create index people_agent_address on people (lower(email)) where is_agent',

  `create table tickets (
     id uuid primary key,
     number text not null unique,
     status text not null check (status in ('unverified', 'open', 'waiting', 'resolved', 'closed')),
     category text not null,
     priority text not null check (priority in ('low', 'normal', 'high', 'vip', 'emergency')),
     version integer not null check (version > 0),
     seen_version integer not null check (seen_version between 0 and version),
     subject text not null,
     requester_id text not null references people,
     assignee_id text references people,
     created_at timestamptz(3) not null,
     updated_at timestamptz(3) not null
   )`,
  // Each list is read from one of these, newest activity first, from where the page before ended.
  'create index tickets_of_requester on tickets (requester_id, updated_at desc, id desc)',
  'create index tickets_of_assignee on tickets (assignee_id, updated_at desc, id desc)',
  'create index tickets_by_status on tickets (status, updated_at desc, id desc)',
  'create index tickets_by_category on tickets (category, updated_at desc, id desc)',
  'create index tickets_by_activity on tickets (updated_at desc, id desc)',

  `create table messages (
     id uuid primary key,
     ticket_id uuid not null references tickets on delete cascade,
     version integer not null,
     kind text not null check (kind in ('message', 'information_request', 'resolution')),
     author text not null check (author in ('customer', 'agent')),
     author_id text not null references people,
     body text not null,
     due_at timestamptz(3),
     created_at timestamptz(3) not null,
     unique (ticket_id, version)
   )`,

  `create table timeline_entries (
     ticket_id uuid not null references tickets on delete cascade,
     version integer not null,
     type text not null,
     by text not null check (by in ('customer', 'agent', 'system')),
     by_id text,
     at timestamptz(3) not null,
     primary key (ticket_id, version)
   )`,

  `create table notes (
     id uuid primary key,
     ticket_id uuid not null references tickets on delete cascade,
     author_id text not null references people,
     body text not null,
     created_at timestamptz(3) not null
   )`,
  'create index notes_of_ticket on notes (ticket_id, created_at, id)',
];

export class CreateTickets implements MigrationInterface {
  name = 'CreateTickets1795305600000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table notes, timeline_entries, messages, tickets, people');
  }
}
