import type { EntityManager } from 'typeorm';
import { IS_HELD } from '../delivery-states.js';
import type { NotifiedDelivery } from '../outcomes/notification-events.js';

/** Unanswered attempts after which a channel without idempotency keys gives up. With keys only the age of the key ends it. */
export const MAX_UNKNOWNS = 2;

export type ExpiredDelivery = NotifiedDelivery & {
  readonly template: string;
  readonly state: 'retrying' | 'unknown' | 'dead';
};

export interface Expiry {
  readonly channel: string;
  /** How long to wait before an unknown attempt is repeated, in milliseconds. */
  readonly unknownWaitMs: number;
  /** After so many unanswered attempts it is dead; null for no limit. */
  readonly maxUnknowns: number | null;
  /** Providers that recognise a repeated key, where another does not: there is no limit for what was sent to them. */
  readonly keyed?: readonly string[];
}

/**
 * leased → retrying · sending → unknown, or dead when it had been unknown too often: what dispatchers that crashed left behind.
 * in: {@link Expiry} · out: the rows and what became of them · lock: the expired rows of this channel, skipping what is changing state · race: the fence stays, so that the answer of a dispatcher that was only slow still
 * settles it.
 */
export async function expireLeases(manager: EntityManager, expiry: Expiry): Promise<ExpiredDelivery[]> {
  const [rows]: [ExpiredDelivery[], number] = await manager.query(
    `update deliveries d set
       state = case when d.state = 'leased' then 'retrying' when d.unknowns + 1 >= expired.max_unknowns then 'dead' else 'unknown' end,
       unknowns = d.unknowns + case when d.state = 'sending' then 1 else 0 end,
       reason = case when d.state = 'leased' then d.reason else 'no_answer' end,
       due_at = case when d.state = 'leased' then now() else least(now() + $1 * interval '1 millisecond', d.expires_at) end,
       settled_at = case when d.state = 'sending' and d.unknowns + 1 >= expired.max_unknowns then now() end,
       leased_by = null, lease_until = null
     from (
       select id, case when provider = any ($4::text[]) then null else $2::int end as max_unknowns
       from deliveries where ${IS_HELD} and lease_until < now() and channel = $3
       limit 1000 for update skip locked
     ) expired
     where d.id = expired.id
     returning d.id, d.channel, d.state, d.reason, d.ticket_id as "ticketId", d.ticket_number as "ticketNumber",
       d.recipient_kind as "recipientKind", d.recipient_id as "recipientId", d.event_ids as "eventIds", d.template`,
    [expiry.unknownWaitMs, expiry.maxUnknowns, expiry.channel, expiry.keyed ?? []],
  );
  return rows;
}
