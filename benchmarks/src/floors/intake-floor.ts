import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { World } from '../world/world.js';
import { newestEvents } from './newest-events.js';

interface Event {
  readonly id: string;
  readonly type: string;
  readonly data: {
    readonly ticket: { readonly id: string; readonly number: string; readonly version: number };
    readonly requester: { readonly id: string; readonly email: string };
  };
}

/**
 * The bare loop of intake: turns events of the stream into the same rows in the same tables, with as many statements and none of our
 * logic: it reads, parses, inserts and acknowledges.
 */
export class IntakeFloor {
  private constructor(
    private readonly world: World,
    private readonly database: pg.Client,
    private readonly waitMs: number,
  ) {}

  /** @param waitMs until the deliveries are due */
  static async prepare(world: World, databaseUrl: string, waitMs: number): Promise<IntakeFloor> {
    return new IntakeFloor(world, await world.client(databaseUrl), waitMs);
  }

  /** @returns events per second */
  async consume(count: number): Promise<number> {
    await this.database.query('truncate inbox, known_tickets, told, deliveries, decisions');
    const startedAt = performance.now();
    for await (const batch of newestEvents(this.world, count)) await this.commit(batch.map((one) => one.json<Event>()));
    return count / ((performance.now() - startedAt) / 1_000);
  }

  private async commit(events: readonly Event[]): Promise<void> {
    const { database } = this;
    const ids = events.map(({ id }) => id);
    const tickets = events.map(({ data }) => data.ticket.id);
    const versions = events.map(({ data }) => data.ticket.version);
    const people = events.map(({ data }) => `bellhop:user:${data.requester.id}`);
    const numbers = events.map(({ data }) => data.ticket.number);
    const addresses = events.map(({ data }) => data.requester.email);
    const deliveries = events.map(() => randomUUID());
    await database.query('begin');
    await database.query({
      name: 'bare_intake_1',
      text: `insert into inbox (consumer, system, event_id) select 'notifications', 'bellhop', * from unnest($1::text[])
       on conflict do nothing returning event_id`,
      values: [ids],
    });
    await database.query({
      name: 'bare_intake_2',
      text: `with remembered as (
         insert into known_tickets (system, ticket_id, version, requester_key)
         select 'bellhop', * from unnest($1::text[], $2::bigint[], $3::text[])
         on conflict (system, ticket_id) do update set version = excluded.version returning ticket_id
       )
       select (select json_agg(ticket_id) from remembered) as tickets,
         (select json_agg(t.version) from told t join unnest($3::text[], $1::text[]) as k (recipient_key, ticket_id)
          using (recipient_key, ticket_id) where t.system = 'bellhop' and t.channel = 'email') as told`,
      values: [tickets, versions, people],
    });
    await database.query({
      name: 'bare_intake_3',
      text: `with stored as (
         insert into deliveries (id, system, ticket_id, ticket_number, version, recipient_key, recipient_role, recipient_kind,
           recipient_id, endpoint, channel, template, template_version, template_rank, replies, event_ids, priority,
           is_immediate, state, first_at, due_at)
         select id, 'bellhop', ticket_id, number, version, person, 'requester', 'user', person, address, 'email', 'resolved',
           version, 1, 0, array[event_id], 2, false, 'pending', now(), now() + $8 * interval '1 millisecond'
         from unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[])
           as e (id, ticket_id, number, version, person, address, event_id)
       )
       insert into decisions (system, event_id, event_type, recipient_key, channel, delivery_id, decided_at)
       select 'bellhop', event_id, $9, person, 'email', id, now()
       from unnest($7::text[], $5::text[], $1::uuid[]) as e (event_id, person, id)`,
      values: [deliveries, tickets, numbers, versions, people, addresses, ids, this.waitMs, events[0]?.type],
    });
    await database.query('commit');
  }
}
