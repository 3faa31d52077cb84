import type { EntityManager } from 'typeorm';
import { WAITS_FOR } from '../../planning/timing.js';
import type { LeasedDelivery } from '../delivery.js';

/** Why nothing of a delivery was shown, where another channel should not wait for it to be seen. */
const NOT_SHOWN: ReadonlySet<string> = new Set(['no_device', 'expired', 'address_suppressed', 'switched_off']);

const SQL = `
  update deliveries set due_at = greatest(now(), first_at + $5 * interval '1 millisecond') where id = any (array(
    select d.id
    from unnest($2::text[], $3::text[], $4::text[]) as k (recipient_key, system, ticket_id)
    cross join lateral (
      select id from deliveries
      where recipient_key = k.recipient_key and system = k.system and ticket_id = k.ticket_id and channel = $1
        and state = 'pending' and due_at > now()
      limit 1
    ) one
    join deliveries d using (id)
    order by (d.recipient_key || ' ' || d.system || ' ' || d.ticket_id || ' ' || d.channel) collate "C"
    for update of d))`;

/** @param end how a delivery has ended without being accepted */
export function wasNotShown(end: { readonly state: 'dead' | 'skipped'; readonly reason: string }): boolean {
  return end.state === 'dead' || NOT_SHOWN.has(end.reason);
}

/**
 * What waits until a push was seen waits no longer, since that push shows nowhere.
 * in: deliveries that have ended, the digest window of what waits, which it keeps, in milliseconds · out: nothing · lock: the pending rows, in the order of the digest index as intake locks them · race: what
 * was claimed meanwhile goes anyway.
 */
export async function hastenWaiting(
  manager: EntityManager,
  ended: readonly LeasedDelivery[],
  windowMs: number,
): Promise<void> {
  for (const [waiting, awaited] of Object.entries(WAITS_FOR)) {
    const keys = ended.filter(({ channel }) => channel === awaited);
    if (keys.length === 0) continue;
    await manager.query(SQL, [
      waiting,
      keys.map(({ recipientKey }) => recipientKey),
      keys.map(({ system }) => system),
      keys.map(({ ticketId }) => ticketId),
      windowMs,
    ]);
  }
}
