import { Logger } from '@nestjs/common';
import type { Pool } from 'pg';
import type { DataSource } from 'typeorm';
import type { Database } from '../database/database.js';

const FIRST_RUN_MS = 60_000;
const INTERVAL_MS = 10 * 60_000;

/** Deletes what is old in small batches until nothing is left or `signal` aborts; returns how many rows went. */
export type Purge = (dataSource: DataSource, options: { signal: AbortSignal }) => Promise<number>;

/** Deletes what is past its time, every ten minutes, in one replica at a time, in small transactions. */
export class Housekeeping {
  private readonly log = new Logger('housekeeping');
  private readonly purges = new Map<string, Purge>();
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private readonly stopping = new AbortController();

  constructor(private readonly database: Database) {}

  add(name: string, purge: Purge): void {
    this.purges.set(name, purge);
  }

  start(): void {
    this.schedule(FIRST_RUN_MS);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    clearTimeout(this.timer);
    await this.running;
  }

  /** Runs every purge now, unless another replica is at it. */
  async runOnce(): Promise<void> {
    if (!(await this.database.isHealthy())) return;
    // A session lock needs a connection that is ours from lock to unlock.
    const client = await (this.database.dataSource.driver as unknown as { master: Pool }).master.connect();
    let isBroken = false;
    const giveUp = () => {
      isBroken = true;
    };
    // Nothing is asked of it while the purges run: unheard, its loss would end the process.
    client.on('error', giveUp);
    const ask = async (sql: string): Promise<boolean> => {
      const { rows } = await client.query<{ answer: boolean }>(sql).catch((error: unknown) => {
        giveUp();
        throw error;
      });
      return rows[0]?.answer ?? false;
    };
    try {
      await this.purgeUnderLock(ask);
    } finally {
      if (!isBroken) client.off('error', giveUp);
      // Thrown away when it failed: back in the pool, it might hold the lock for ever.
      client.release(isBroken);
    }
  }

  private async purgeUnderLock(ask: (sql: string) => Promise<boolean>): Promise<void> {
    if (!(await ask(`select pg_try_advisory_lock(hashtext('bellhop'), hashtext('housekeeping')) as answer`))) return;
    try {
      for (const [name, purge] of this.purges) await this.purgeAll(name, purge);
    } finally {
      await ask(`select pg_advisory_unlock(hashtext('bellhop'), hashtext('housekeeping')) as answer`);
    }
  }

  private schedule(delayMs: number): void {
    if (this.stopping.signal.aborted) return;
    this.timer = setTimeout(() => {
      this.running = this.runOnce()
        .catch((error: unknown) => this.log.warn({ message: 'housekeeping failed, it runs again later', error }))
        .then(() => this.schedule(INTERVAL_MS));
    }, delayMs);
    this.timer.unref();
  }

  private async purgeAll(name: string, purge: Purge): Promise<void> {
    const rows = await purge(this.database.dataSource, { signal: this.stopping.signal });
    if (rows > 0) this.log.log({ message: 'purged', what: name, rows });
  }
}
