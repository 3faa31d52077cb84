import { deleteInBatches } from '@bellhop/postgres';
import type { DataSource } from 'typeorm';

/** A ticket of which nothing was heard for that long is unknown to us, and would be told of anew. */
const DAYS = 90;

/** Deletes mutes of tickets that nobody has heard of since. in: age, batch size · lock: the deleted rows, skipping locked ones · race: none. */
export function purgeMutes(dataSource: DataSource, { signal }: { signal: AbortSignal }): Promise<number> {
  const sql = `delete from ticket_mutes where ctid = any (array(
    select m.ctid from ticket_mutes m
    where m.muted_at < now() - $2::interval
      and not exists (select from known_tickets k where k.system = m.system and k.ticket_id = m.ticket_id)
    limit $1 for update of m skip locked))`;
  return deleteInBatches(dataSource, sql, [`${DAYS} days`], { signal });
}
