import { DedicatedConnection } from '@bellhop/postgres';
import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { Database } from '../database/database.js';

const FIRST_RUN_MS = 60_000;
const INTERVAL_MS = 10 * 60_000;
/** The key of a session lock, like that of the outbox relay. */
const HOUSEKEEPING_LOCK = '27695060303146865';

/** Deletes old rows in small batches until none is left or `signal` aborts; returns the number of deleted rows. */
export type Purge = (dataSource: DataSource, options: { signal: AbortSignal }) => Promise<number>;

/** Deletes expired rows every ten minutes, in one replica at a time, in small transactions. */
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

  /** Runs every purge now, unless another replica is doing so. */
  async runOnce(): Promise<void> {
    if (!(await this.database.isHealthy())) return;
    await DedicatedConnection.use(this.database.background, async (connection) => {
      if (!(await connection.tryLock(HOUSEKEEPING_LOCK))) return;
      for (const [name, purge] of this.purges) await this.purgeAll(name, purge);
      // After a failure the connection is closed, which frees the lock as well.
      await connection.unlock(HOUSEKEEPING_LOCK);
    });
  }

  private schedule(delayMs: number): void {
    if (this.stopping.signal.aborted) return;
    this.timer = setTimeout(() => {
      this.running = this.runOnce()
        .catch((error: unknown) =>
          this.log.warn({ message: 'housekeeping failed: it runs again in ten minutes', error }),
        )
        .then(() => this.schedule(INTERVAL_MS));
    }, delayMs);
    this.timer.unref();
  }

  private async purgeAll(name: string, purge: Purge): Promise<void> {
    const rows = await purge(this.database.background, { signal: this.stopping.signal });
    if (rows > 0) this.log.log({ message: 'purged', what: name, rows });
  }
}
