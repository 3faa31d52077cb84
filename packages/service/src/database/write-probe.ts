import { pause } from '@bellhop/waiting';
import type pg from 'pg';

const LOOK_EVERY_MS = 2_000;
/** One refusal may be a passing one, such as that of a switch to another server. */
const REFUSALS = 3;
/** Read only, disk full, error of the disk. Whatever else goes wrong is no sign that nothing can be written. */
const REFUSED = new Set<unknown>(['25006', '53100', '58030']);

/**
 * 90 kB of new pages, gone with the commit. An update of one row would still find room in its page when the disk is full,
 * and a table of our own would need a migration. A standby, and a server that is set to read only, refuse the first statement.
 */
const WRITE = `
  create temporary table if not exists write_probe (n bigint) on commit delete rows;
  insert into write_probe select generate_series(1, 2500)`;

/** Finds out whether Postgres takes writes: one that answers `select 1` may still refuse them all. */
export class WriteProbe {
  private refusals = 0;
  private last: unknown = null;

  constructor(private readonly pool: pg.Pool) {}

  /** The error of the last write, as soon as three in a row were refused; null again after the first that was taken. */
  get refusal(): unknown {
    return this.refusals < REFUSALS ? null : this.last;
  }

  /** Looks every two seconds until it is told to stop; never rejects. */
  async watch(stopping: AbortSignal): Promise<void> {
    while (!stopping.aborted) {
      await this.look();
      await pause(LOOK_EVERY_MS, stopping);
    }
  }

  private async look(): Promise<void> {
    try {
      await this.pool.query(WRITE);
      this.refusals = 0;
    } catch (error) {
      if (!REFUSED.has((error as { code?: unknown }).code)) return;
      this.refusals += 1;
      this.last = error;
    }
  }
}
