import type { DataSource } from 'typeorm';

interface Backlog {
  /** Unpublished rows; counting stops at {@link BACKLOG_COUNT_LIMIT}, so that a scrape stays cheap. */
  count: number;
  /** Age of the oldest unpublished row in seconds, 0 when there is none. */
  oldestSeconds: number;
}

const BACKLOG_COUNT_LIMIT = 1_000_000;

/** Result: how much waits to be published, and since when. Lock: none. For metrics and alarms. */
export async function readBacklog(dataSource: DataSource): Promise<Backlog> {
  const [row] = await dataSource.query<{ count: string; oldest: string }[]>(
    `select (select count(*) from (select 1 from outbox where published_at is null limit $1) as waiting) as count,
            coalesce((select extract(epoch from now() - created_at)
                        from outbox where published_at is null order by id limit 1), 0) as oldest`,
    [BACKLOG_COUNT_LIMIT],
  );
  return { count: Number(row?.count ?? 0), oldestSeconds: Math.max(0, Number(row?.oldest ?? 0)) };
}
