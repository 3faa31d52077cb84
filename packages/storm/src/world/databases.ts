import { type AppName, waitFor } from '@bellhop/local-stack';
import pg from 'pg';

/** Reads what the apps have written, straight from Postgres and with patience: nemesis stops it now and then. */
export class Databases {
  private readonly pools: Readonly<Record<AppName, pg.Pool>>;

  constructor(urls: Readonly<Record<AppName, string>>) {
    const pool = (connectionString: string) => {
      const made = new pg.Pool({ connectionString, max: 2 });
      made.on('error', () => undefined);
      return made;
    };
    this.pools = {
      tickets: pool(urls.tickets),
      notifications: pool(urls.notifications),
      'guest-auth': pool(urls['guest-auth']),
    };
  }

  async rows<Row extends object>(of: AppName, sql: string, values: unknown[] = []): Promise<Row[]> {
    return waitFor(async () => (await this.pools[of].query(sql, values)).rows as Row[], {
      timeoutMs: 30_000,
      what: `an answer of the database of ${of}`,
    });
  }

  async stop(): Promise<void> {
    await Promise.all(Object.values(this.pools).map((pool) => pool.end()));
  }
}
