import { prepared } from '@bellhop/postgres';
import type { EntityManager } from 'typeorm';

export interface InboxKey {
  system: string;
  eventId: string;
  /** A hash of what the event says, where another content under the same id is to be noticed. */
  content?: Buffer;
}

/**
 * Input: a consumer and distinct keys. Result: the keys that no committed transaction had claimed before. Lock: the new
 * rows, until the caller's transaction ends.
 * Race: two writers with the same key: the later one waits here until the first commits (then the key is not its) or
 * rolls back (then it is). Sorted, so that two writers with several keys in common wait for each other in one order only.
 */
export async function claimKeys(
  manager: EntityManager,
  consumer: string,
  keys: readonly InboxKey[],
): Promise<InboxKey[]> {
  const [{ some }] = await prepared<[{ some: [string, string][] | null }]>(
    manager,
    'inbox_claim',
    `with claimed as (
       insert into inbox (consumer, system, event_id, content)
       select $1, system, event_id, content
         from unnest($2::text[], $3::text[], $4::bytea[]) as k (system, event_id, content)
        order by system collate "C", event_id collate "C"
       on conflict (consumer, system, event_id) do nothing
       returning system, event_id
     )
     -- Nearly always all are new, and then none has to be named.
     select case when count(*) < cardinality($2::text[])
       then coalesce(json_agg(json_build_array(system, event_id)), '[]') end as some
     from claimed`,
    [consumer, keys.map((key) => key.system), keys.map((key) => key.eventId), keys.map((key) => key.content ?? null)],
  );
  return some ? some.map(([system, eventId]) => ({ system, eventId })) : [...keys];
}
