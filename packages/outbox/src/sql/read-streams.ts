import type { DedicatedConnection } from '@bellhop/postgres';

export interface RememberedStream {
  stream: string;
  stream_created_at: string | null;
  consumers_to_build: unknown[];
  /** The newest event of the ledger in this stream. */
  sequence: string | null;
  event_id: string | null;
}

/**
 * Result: what is remembered of each stream, with the end of its ledger. Lock: none, only the relay writes it.
 * Race: none while the session lock is held. Where two events stand under one sequence, the older one is named: if one of
 * them is lost, it is that one.
 */
export async function readStreams(session: DedicatedConnection): Promise<RememberedStream[]> {
  return session.query<RememberedStream>(
    'outbox_read_streams',
    `select s.stream, s.stream_created_at, s.consumers_to_build, o.sequence, o.event_id
       from outbox_streams s
       left join lateral (select sequence, event_id
                            from outbox
                           where stream = s.stream and published_at is not null
                           order by sequence desc, id
                           limit 1) o on true
      order by s.stream`,
    [],
  );
}
