import { inBatches } from '@bellhop/postgres';
import type { DataSource } from 'typeorm';
import { IDLE_SECONDS } from './session.js';

/**
 * Forgets sessions that nobody used for too long, batch by batch. One that is over because of its age is not used any more either.
 * in: signal that ends it after a batch · out: how many went · lock: the deleted rows, skipping locked ones · race: none.
 */
export function purgeSessions(dataSource: DataSource, { signal }: { signal: AbortSignal }): Promise<number> {
  return inBatches(
    async (limit) => {
      const [, count]: [unknown, number] = await dataSource.query(
        `delete from sessions where id in (
         select id from sessions where seen_at < now() - make_interval(secs => $1) limit $2 for update skip locked)`,
        [IDLE_SECONDS, limit],
      );
      return count;
    },
    { signal },
  );
}
