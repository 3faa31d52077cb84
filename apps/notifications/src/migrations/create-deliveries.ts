import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The record of who hears of what: tickets as far as we know them, decisions, deliveries, frozen requests. */
export class CreateDeliveries implements MigrationInterface {
  readonly name = 'CreateDeliveries1763800200000';

  async up(runner: QueryRunner): Promise<void> {
    await createKnownTickets(runner);
    await createDeliveries(runner);
    await indexDeliveries(runner);
    await createDecisionsAndTold(runner);
    await indexAges(runner);
    await createFrozenRequestsAndSuppressions(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table suppressions, frozen_requests, told, decisions, deliveries, known_tickets');
  }
}

async function createKnownTickets(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create table known_tickets (
      system text not null,
      ticket_id text not null,
      version bigint not null,
      requester_key text not null,
      seen_version bigint not null default 0,
      answered_version bigint not null default 0,
      heard_at timestamptz not null default now(),
      primary key (system, ticket_id)
    )`);
}

async function createDeliveries(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create table deliveries (
      id uuid primary key,
      system text not null,
      ticket_id text not null,
      ticket_number text not null,
      ticket_url text,
      version bigint not null,
      recipient_key text not null,
      recipient_role text not null check (recipient_role in ('requester', 'assignee', 'team')),
      recipient_kind text not null check (recipient_kind in ('user', 'guest', 'agent')),
      recipient_id text,
      address text not null,
      locale text,
      timezone text,
      channel text not null,
      template text not null,
      template_version bigint not null,
      template_rank smallint not null,
      at timestamptz,
      replies integer not null,
      event_ids text[] not null,
      priority smallint not null,
      is_immediate boolean not null,
      state text not null check (state in ('pending', 'leased', 'sending', 'retrying', 'unknown', 'accepted', 'dead', 'skipped')),
      reason text,
      first_at timestamptz not null,
      due_at timestamptz not null,
      tries integer not null default 0,
      unknowns integer not null default 0,
      fence bigint not null default 0,
      leased_by uuid,
      lease_until timestamptz,
      attempted_at timestamptz,
      settled_at timestamptz,
      provider_ref text
    )`);
}

async function indexDeliveries(runner: QueryRunner): Promise<void> {
  // At most one pending delivery for a person, a ticket and a channel: what folding upserts into.
  await runner.query(`
    create unique index deliveries_folding on deliveries (recipient_key, system, ticket_id, channel)
    where state = 'pending'`);
  await runner.query(`
    create index deliveries_due on deliveries (channel, priority, due_at)
    where state in ('pending', 'retrying', 'unknown')`);
  await runner.query(`
    create index deliveries_leases on deliveries (lease_until) where state in ('leased', 'sending')`);
  await runner.query(`
    create index deliveries_attempts on deliveries (recipient_key, attempted_at) where attempted_at is not null`);
  // What else waits for the same person and ticket: asked of every delivery right before it is sent.
  await runner.query(`
    create index deliveries_waiting on deliveries (recipient_key, ticket_id, system, channel)
    where state in ('pending', 'retrying')`);
}

async function createDecisionsAndTold(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create table decisions (
      system text not null,
      event_id text not null,
      event_type text not null,
      recipient_key text not null,
      channel text not null,
      delivery_id uuid,
      reason text,
      decided_at timestamptz not null,
      primary key (event_id, system, recipient_key, channel)
    )`);
  await runner.query(`
    create table told (
      recipient_key text not null,
      system text not null,
      ticket_id text not null,
      channel text not null,
      version bigint not null,
      told_at timestamptz not null default now(),
      primary key (recipient_key, system, ticket_id, channel)
    )`);
}

async function indexAges(runner: QueryRunner): Promise<void> {
  // For the purge: small, and costs next to nothing to keep up, because ages grow with their tables.
  await runner.query(`create index decisions_age on decisions using brin (decided_at)`);
  await runner.query(`create index deliveries_age on deliveries using brin (settled_at)`);
  await runner.query(`create index told_age on told using brin (told_at)`);
  await runner.query(`create index known_tickets_age on known_tickets using brin (heard_at)`);
}

async function createFrozenRequestsAndSuppressions(runner: QueryRunner): Promise<void> {
  // Sealed: the exact bytes that go to the provider, kept only while a delivery is unsettled.
  await runner.query(`
    create table frozen_requests (
      delivery_id uuid primary key,
      sealed bytea not null,
      frozen_at timestamptz not null default now()
    )`);
  await runner.query(`
    create table suppressions (
      address text primary key,
      reason text not null,
      delivery_id uuid not null,
      suppressed_at timestamptz not null default now()
    )`);
}
