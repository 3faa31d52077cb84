import { type Column, prepared, unnest, valuesOf } from '@bellhop/postgres';
import type { DataSource } from 'typeorm';
import type { DeviceOutcome } from '../outcome.js';

/** One push to one device. */
export interface Attempt {
  readonly deliveryId: string;
  readonly subscriptionId: string;
  readonly service: string;
  readonly outcome: DeviceOutcome;
}

const COLUMNS: readonly Column<Attempt>[] = [
  ['delivery_id', 'uuid', ({ deliveryId }) => deliveryId],
  ['subscription_id', 'uuid', ({ subscriptionId }) => subscriptionId],
  ['service', 'text', ({ service }) => service],
  ['state', 'text', ({ outcome }) => outcome.kind],
  ['status', 'integer', ({ outcome }) => outcome.status],
  ['reason', 'text', ({ outcome }) => reasonOf(outcome)],
];

const SQL = `
  with attempts as (
    insert into push_attempts as a (delivery_id, subscription_id, service, state, status, reason, attempts, at)
    select delivery_id, subscription_id, service, state, status, reason, 1, now() from ${unnest(COLUMNS, 1, 'f')}
    on conflict (delivery_id, subscription_id) do update set
      state = excluded.state, status = excluded.status, reason = excluded.reason, attempts = a.attempts + 1, at = excluded.at
    returning subscription_id, state
  ), latest as (
    -- Several deliveries may have gone to one device; that it is gone outweighs the rest.
    select subscription_id, bool_or(state = 'accepted') as is_accepted,
      case when bool_or(state = 'gone') then 'gone' when bool_or(state = 'stale_key') then 'stale_key' end as ending
    from attempts group by subscription_id
  )
  update push_subscriptions s set
    accepted_at = case when l.is_accepted then now() else s.accepted_at end,
    state = coalesce(l.ending, s.state),
    sealed = case when l.ending is null then s.sealed end,
    ended_at = case when l.ending is null then s.ended_at else now() end
  from latest l
  where s.id = l.subscription_id and s.state = 'active' and (l.is_accepted or l.ending is not null)`;

/**
 * Keeps what became of pushes, device by device, and ends the subscriptions that the service says are gone or of another key.
 * in: attempts, at most one for a delivery and device · out: nothing · lock: those rows, in the order of the devices, so that two writers
 * cannot deadlock · race: one that its person has ended meanwhile stays ended.
 */
export async function recordAttempts(dataSource: DataSource, attempts: readonly Attempt[]): Promise<void> {
  const sorted = [...attempts].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  await prepared(dataSource, 'record_push_attempts', SQL, valuesOf(COLUMNS, sorted));
}

function keyOf({ subscriptionId, deliveryId }: Attempt): string {
  return `${subscriptionId} ${deliveryId}`;
}

/** A stable code, then what the service said. */
export function reasonOf(outcome: DeviceOutcome): string | null {
  if ('reason' in outcome) return outcome.reason;
  return 'cause' in outcome ? outcome.cause : null;
}
