import { backoffMs, pause } from '@bellhop/waiting';
import { Logger, type Type } from '@nestjs/common';
import pg from 'pg';
import type { DataSource, MigrationInterface } from 'typeorm';
import { databaseProblem } from './database-problem.js';
import { pendingMigrations } from './pending-migrations.js';
import { WriteProbe } from './write-probe.js';

const RETRY = { firstMs: 200, maxMs: 3_000 };
const HEALTH_TIMEOUT_MS = 2_000;
/** Answers about health are shared for so long, so that asking often costs nothing. */
const HEALTH_CACHE_MS = 250;
/** Autovacuum cannot get at the temporary table of another session: one that lived for weeks would hold up the freezing of ids. */
const PROBE_LIFETIME_SECONDS = 600;

export interface DatabaseOptions {
  dataSource: DataSource;
  /** Default: `dataSource`. */
  background?: DataSource;
  url: string;
  migrations: readonly Type<MigrationInterface>[];
}

/**
 * The service's database, which may come later than the service or go away for a while. It is ready once it was
 * reached and every migration was applied; applying them is the work of `npm run provision`, never of a running app.
 */
export class Database {
  /** For HTTP requests. Postgres plans each statement with its values and its newest statistics. */
  readonly dataSource: DataSource;
  /**
   * For statements that repeat all day, whoever causes them: events, outbox, dispatch, webhooks, housekeeping. A pool of its own with
   * generic plans (`hasGenericPlans` of `dataSourceFor`), so that neither takes the connections of the other.
   */
  readonly background: DataSource;
  private readonly log = new Logger('database');
  private readonly stopping = new AbortController();
  /** A connection of its own: a busy pool is not an unhealthy database. */
  private readonly probe: pg.Pool;
  private readonly writes: WriteProbe;
  private readonly ready: Promise<DataSource>;
  private announce: (dataSource: DataSource) => void = () => undefined;
  private health: { until: number; answer: Promise<unknown> } = { until: 0, answer: Promise.resolve(null) };
  private notReady: string | null = 'The connection to Postgres was not tried yet.';
  private loop: Promise<void> = Promise.resolve();

  constructor(private readonly options: DatabaseOptions) {
    this.dataSource = options.dataSource;
    this.background = options.background ?? options.dataSource;
    this.ready = new Promise((resolve) => {
      this.announce = resolve;
    });
    this.probe = new pg.Pool({
      connectionString: options.url,
      max: 1,
      connectionTimeoutMillis: HEALTH_TIMEOUT_MS,
      query_timeout: HEALTH_TIMEOUT_MS,
      maxLifetimeSeconds: PROBE_LIFETIME_SECONDS,
    });
    this.probe.on('error', () => undefined);
    this.writes = new WriteProbe(this.probe);
  }

  /** Reached once, with every migration applied. Stays true when Postgres goes away later; see `isHealthy`. */
  get isReady(): boolean {
    return this.notReady === null;
  }

  /** Begins to connect; failures are retried for ever. */
  start(): void {
    this.loop = this.becomeReady().then(() => this.writes.watch(this.stopping.signal));
  }

  /** Resolves when the database is usable for the first time; never rejects. */
  whenReady(): Promise<DataSource> {
    return this.ready;
  }

  /** The same, and resolves to `background`. */
  async whenBackgroundReady(): Promise<DataSource> {
    await this.ready;
    return this.background;
  }

  /** Whether Postgres answers right now. Takes at most 2 seconds. */
  async isHealthy(): Promise<boolean> {
    return this.isReady && (await this.failure()) === null;
  }

  /** A sentence for `/readyz`, null when all is well. */
  async problem(): Promise<string | null> {
    if (this.notReady !== null) return this.notReady;
    const failure = (await this.failure()) ?? this.writes.refusal;
    return failure === null ? null : databaseProblem(failure, this.options.url);
  }

  /** Safe to call twice. */
  async close(): Promise<void> {
    const isFirst = !this.stopping.signal.aborted;
    this.stopping.abort();
    await this.loop;
    if (isFirst) await this.probe.end();
    const open = [...this.pools].filter((pool) => pool.isInitialized);
    await Promise.all(open.map((pool) => pool.destroy()));
  }

  private failure(): Promise<unknown> {
    const now = performance.now();
    if (now >= this.health.until) {
      this.health = { until: now + HEALTH_CACHE_MS, answer: this.probeOnce() };
    }
    return this.health.answer;
  }

  /**
   * By way of the pool: it hears of a connection that breaks under the question, which unheard would end the process, and it
   * throws away one that did not answer in time, because that may never answer.
   */
  private probeOnce(): Promise<unknown> {
    return this.probe.query('select 1').then(
      () => null,
      (error: unknown) => error,
    );
  }

  private async becomeReady(): Promise<void> {
    const { signal } = this.stopping;
    for (let failures = 1; !signal.aborted; failures++) {
      const problem = await this.tryOnce();
      if (problem !== this.notReady) this.tell(problem);
      this.notReady = problem;
      if (problem === null) return this.announce(this.dataSource);
      await pause(backoffMs(RETRY, failures), signal);
    }
  }

  private tell(problem: string | null): void {
    if (problem === null) this.log.log('Postgres is there, with every migration.');
    else this.log.warn(problem);
  }

  private async tryOnce(): Promise<string | null> {
    const { options } = this;
    try {
      for (const pool of this.pools) if (!pool.isInitialized) await connect(pool);
      const pending = await pendingMigrations(async (sql) => (await this.probe.query(sql)).rows, options.migrations);
      if (pending.length === 0) return null;
      return `The database lacks ${pending.length} migration(s), the first is ${pending[0]}: run \`npm run provision\`.`;
    } catch (error) {
      return databaseProblem(error, options.url);
    }
  }

  private get pools(): Set<DataSource> {
    return new Set([this.dataSource, this.background]);
  }
}

async function connect(pool: DataSource): Promise<void> {
  try {
    await pool.initialize();
  } catch (error) {
    // A pool that was opened before the failure would be forgotten, with its connections, by the next try.
    await pool.driver.disconnect().catch(() => undefined);
    throw error;
  }
}
