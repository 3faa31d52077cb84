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

/** What the attempts say of a subscription: one may have several, of as many deliveries. */
interface Change {
  readonly id: string;
  readonly isAccepted: boolean;
  /** That it is over outweighs what was accepted before. */
  readonly ending: 'gone' | 'stale_key' | null;
}

const COLUMNS: readonly Column<Attempt>[] = [
  ['delivery_id', 'uuid', ({ deliveryId }) => deliveryId],
  ['subscription_id', 'uuid', ({ subscriptionId }) => subscriptionId],
  ['service', 'text', ({ service }) => service],
  ['state', 'text', ({ outcome }) => outcome.kind],
  ['status', 'integer', ({ outcome }) => outcome.status],
  ['reason', 'text', ({ outcome }) => reasonOf(outcome)],
];
const CHANGES: readonly Column<Change>[] = [
  ['id', 'uuid', ({ id }) => id],
  ['is_accepted', 'boolean', ({ isAccepted }) => isAccepted],
  ['ending', 'text', ({ ending }) => ending],
];

const SQL = `
  with attempts as (
    insert into push_attempts as a (delivery_id, subscription_id, service, state, status, reason, attempts, at)
    select delivery_id, subscription_id, service, state, status, reason, 1, now() from ${unnest(COLUMNS, 1, 'f')}
    on conflict (delivery_id, subscription_id) do update set
      state = excluded.state, status = excluded.status, reason = excluded.reason, attempts = a.attempts + 1, at = excluded.at
  )
  update push_subscriptions s set
    accepted_at = case when c.is_accepted then now() else s.accepted_at end,
    state = coalesce(c.ending, s.state),
    sealed = case when c.ending is null then s.sealed end,
    ended_at = case when c.ending is null then s.ended_at else now() end
  from ${unnest(CHANGES, 1 + COLUMNS.length, 'c')}
  where s.id = c.id and s.state = 'active'`;

/**
 * Keeps what became of pushes, device by device, and ends the subscriptions that the service says are gone or of another key.
 * in: attempts, at most one for a delivery and device · out: nothing · lock: those rows, in the order of the devices, so that two writers
 * cannot deadlock · race: one that its person has ended meanwhile stays ended.
 */
export async function recordAttempts(dataSource: DataSource, attempts: readonly Attempt[]): Promise<void> {
  const sorted = [...attempts].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const values = [...valuesOf(COLUMNS, sorted), ...valuesOf(CHANGES, changesOf(sorted))];
  await prepared(dataSource, 'record_push_attempts', SQL, values);
}

/** In the order of the subscriptions; none where there is nothing to change. */
function changesOf(sorted: readonly Attempt[]): Change[] {
  const changes = new Map<string, Change>();
  for (const { subscriptionId: id, outcome } of sorted) {
    const { isAccepted, ending } = changes.get(id) ?? { isAccepted: false, ending: null };
    const isOver = outcome.kind === 'gone' || outcome.kind === 'stale_key';
    changes.set(id, {
      id,
      isAccepted: isAccepted || outcome.kind === 'accepted',
      ending: isOver && ending !== 'gone' ? outcome.kind : ending,
    });
  }
  return [...changes.values()].filter(({ isAccepted, ending }) => isAccepted || ending !== null);
}

function keyOf({ subscriptionId, deliveryId }: Attempt): string {
  return `${subscriptionId} ${deliveryId}`;
}

/** A stable code, then what the service said. */
export function reasonOf(outcome: DeviceOutcome): string | null {
  if ('reason' in outcome) return outcome.reason;
  return 'cause' in outcome ? outcome.cause : null;
}
