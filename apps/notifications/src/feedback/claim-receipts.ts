import type { EntityManager } from 'typeorm';
import type { WebhookStamp } from '../channels/report.js';

/** `fresh`: never received. `repeated`: received before, and sent again with a newer time. `replayed`: with the same or an older time. */
export type Receipt = 'fresh' | 'repeated' | 'replayed';

/**
 * Records which webhooks were received, in the transaction of their effect: after a rollback they count as never received.
 * in: id and timestamp of verified webhooks · out: one receipt each, in the same order · lock: rows of `webhook_receipts` in id
 * order · race: of two replicas with the same webhook, the second waits until the first commits, and finds it received.
 */
export async function claimReceipts(manager: EntityManager, stamps: readonly WebhookStamp[]): Promise<Receipt[]> {
  const newest = newestOfEach(stamps);
  const ids = [...newest.keys()].sort();
  const rows: { id: string; isFresh: boolean }[] = await manager.query(
    `insert into webhook_receipts as r (webhook_id, signed_at)
     select id, to_timestamp(seconds) from unnest($1::text[], $2::float8[]) as w (id, seconds)
     on conflict (webhook_id) do update set signed_at = excluded.signed_at, sendings = r.sendings + 1
       where r.signed_at < excluded.signed_at
     returning webhook_id as id, sendings = 1 as "isFresh"`,
    [ids, ids.map((id) => newest.get(id)?.timestamp)],
  );
  const claimed = new Map(rows.map(({ id, isFresh }) => [id, isFresh]));
  return stamps.map((stamp) => {
    const isFresh = newest.get(stamp.id) === stamp ? claimed.get(stamp.id) : undefined;
    return isFresh === undefined ? 'replayed' : isFresh ? 'fresh' : 'repeated';
  });
}

/** If a batch has one webhook several times, the newest counts, and of equal ones the first. */
function newestOfEach(stamps: readonly WebhookStamp[]): Map<string, WebhookStamp> {
  const newest = new Map<string, WebhookStamp>();
  for (const stamp of stamps) {
    const known = newest.get(stamp.id);
    if (!known || stamp.timestamp > known.timestamp) newest.set(stamp.id, stamp);
  }
  return newest;
}
