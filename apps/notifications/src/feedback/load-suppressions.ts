import type { Page, SuppressionView } from '@bellhop/contracts/http';
import type { DataSource } from 'typeorm';
import { decodeCursor, encodeCursor } from './suppression-cursor.js';

interface Row extends SuppressionView {
  /** Microseconds since 1970, as text: a JavaScript date has only milliseconds. */
  readonly moment: string;
}

/**
 * One page of suppressed addresses, newest first.
 * in: page · out: rows and the next cursor · lock: none · race: none, the next page begins after the last row of this one.
 */
export async function loadSuppressions(
  dataSource: DataSource,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<Page<SuppressionView>> {
  const after = cursor === undefined ? null : decodeCursor(cursor);
  // One row more than the limit shows whether there is a next page.
  const rows: Row[] = await dataSource.query(
    `select endpoint as address, systems, reason, delivery_id as "deliveryId",
       to_char(suppressed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "suppressedAt",
       (extract(epoch from suppressed_at) * 1000000)::bigint::text as moment
     from suppressions
     where channel = 'email' and (suppressed_at, endpoint)
       < (coalesce(timestamptz 'epoch' + $1::bigint * interval '1 microsecond', 'infinity'), coalesce($2::text, ''))
     order by suppressed_at desc, endpoint desc
     limit $3`,
    [after?.moment ?? null, after?.address ?? null, limit + 1],
  );
  const last = rows[limit - 1];
  const items = rows.slice(0, limit).map(({ moment: _, ...view }) => view);
  return { items, next: rows.length > limit && last ? encodeCursor(last) : null };
}
