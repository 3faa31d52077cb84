import type { DataSource } from 'typeorm';

/** What replicas know together of the limit of one provider. */
export interface ProviderLimit {
  readonly provider: string;
  /** Requests per window; null when none is known. */
  readonly limit: number | null;
  readonly windowMs: number;
  /** How long the provider wants to be left alone. */
  readonly pausedMs: number;
}

/** in: names of providers · out: those of which something is known; a limit that no answer has named for a day is forgotten · lock: none. */
export async function loadLimits(dataSource: DataSource, providers: readonly string[]): Promise<ProviderLimit[]> {
  return dataSource.query(
    `select provider, case when learned_at > now() - interval '1 day' then per_window end as "limit", window_ms as "windowMs",
       greatest(extract(epoch from paused_until - now())::float8 * 1000, 0) as "pausedMs"
     from provider_limits where provider = any ($1::text[])`,
    [providers],
  );
}

/** in: a limit that an answer named, null for none · out: nothing · lock: its row · race: the newest answer wins. */
export async function saveLimit(
  dataSource: DataSource,
  { provider, limit, windowMs }: Omit<ProviderLimit, 'pausedMs'>,
): Promise<void> {
  await dataSource.query(
    `insert into provider_limits (provider, per_window, window_ms) values ($1, $2, $3)
     on conflict (provider) do update
     set per_window = excluded.per_window, window_ms = excluded.window_ms, learned_at = now()`,
    [provider, limit, windowMs],
  );
}

/** in: how long a provider wants to be left alone · out: nothing · lock: its row · race: the longest pause wins. */
export async function savePause(dataSource: DataSource, provider: string, forMs: number): Promise<void> {
  await dataSource.query(
    `insert into provider_limits as l (provider, window_ms, paused_until)
     values ($1, 1000, now() + $2 * interval '1 millisecond')
     on conflict (provider) do update set paused_until = greatest(l.paused_until, excluded.paused_until)`,
    [provider, forMs],
  );
}
