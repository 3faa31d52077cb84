import type { EntityManager } from 'typeorm';
import type { InboxKey } from './claim-keys.js';

/**
 * Input: a consumer and keys that were claimed before. Result: content of each, in the same order; null where none was kept. Lock: none, a
 * claim never changes. Race: none, whoever claimed them has committed.
 */
export async function readContents(
  manager: EntityManager,
  consumer: string,
  keys: readonly InboxKey[],
): Promise<(Buffer | null)[]> {
  const rows: { content: Buffer | null }[] = await manager.query(
    `select i.content
       from unnest($2::text[], $3::text[]) with ordinality as k (system, event_id, position)
       left join inbox i on i.consumer = $1 and i.system = k.system and i.event_id = k.event_id
      order by k.position`,
    [consumer, keys.map((key) => key.system), keys.map((key) => key.eventId)],
  );
  return rows.map(({ content }) => content);
}
