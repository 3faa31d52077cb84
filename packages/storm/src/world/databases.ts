import type { ServiceName } from '@bellhop/contracts/streams';
import { waitFor } from '@bellhop/local-stack';
import pg from 'pg';

/** Reads what the apps have written, directly from Postgres. Queries are retried, because the nemesis stops Postgres now and then. */
export class Databases {
  private readonly pools: Readonly<Record<ServiceName, pg.Pool>>;

  constructor(urls: Readonly<Record<ServiceName, string>>) {
    const pool = (connectionString: string) => {
      const made = new pg.Pool({ connectionString, max: 2 });
      made.on('error', () => undefined);
      return made;
    };
    this.pools = Object.fromEntries(Object.entries(urls).map(([app, url]) => [app, pool(url)])) as typeof this.pools;
  }

  async rows<Row extends object>(of: ServiceName, sql: string, values: unknown[] = []): Promise<Row[]> {
    return waitFor(async () => (await this.pools[of].query(sql, values)).rows as Row[], {
      timeoutMs: 30_000,
      what: `an answer of the database of ${of}`,
    });
  }

  async stop(): Promise<void> {
    await Promise.all(Object.values(this.pools).map((pool) => pool.end()));
  }
}
