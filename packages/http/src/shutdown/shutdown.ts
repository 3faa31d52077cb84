import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../logging/json-logger.js';

/**
 * The phases between SIGTERM and the end, in this order: take no more work, finish the work at hand, close what it needed. Each phase has
 * a budget in milliseconds: when it is used up, or the phase fails, the next one begins. Together they stay below `HARD_EXIT_MS`.
 */
export const SHUTDOWN_PHASES = {
  /** 1. `/readyz` answers 503, for long enough that a load balancer sees it; everything else still works. */
  stopTaking: 700,
  /** 2. Consumers stop pulling and finish the events in flight. */
  consumers: 4_000,
  /** 3. Loops (housekeeping, the app's own) finish what they have begun. */
  workers: 12_000,
  /** 4. Event streams of HTTP are ended; they would stay open for ever. */
  streams: 200,
  /** 5. Requests being answered are finished, new ones refused. */
  requests: 2_500,
  /** 6. The relay publishes what they have committed; what is left goes out after the next start. */
  relay: 2_000,
  /** 7. Nest's own hooks; then whatever connection is still open is cut. */
  http: 1_000,
  /** 8. NATS: what is buffered is sent, then closed. */
  nats: 1_000,
  /** 9. Postgres: the pool is closed. */
  database: 1_200,
} as const;

export const HARD_EXIT_MS = 25_000;

export type ShutdownPhase = keyof typeof SHUTDOWN_PHASES;

/** The steps of each phase. Apps add their loops to the phase `workers`. */
export class Shutdown {
  private readonly tasks: { phase: ShutdownPhase; name: string; work: () => unknown }[] = [];
  private running: Promise<void> | null = null;

  constructor(private readonly log: Log) {}

  add(phase: ShutdownPhase, name: string, work: () => unknown): void {
    this.tasks.push({ phase, name, work });
  }

  get hasBegun(): boolean {
    return this.running !== null;
  }

  /** Runs all phases once; never rejects. */
  run(): Promise<void> {
    this.running ??= this.runPhases();
    return this.running;
  }

  private async runPhases(): Promise<void> {
    const startedAt = performance.now();
    for (const [phase, budgetMs] of Object.entries(SHUTDOWN_PHASES)) {
      const tasks = this.tasks.filter((task) => task.phase === phase);
      await Promise.all(tasks.map(({ name, work }) => this.runTask(name, work, budgetMs)));
    }
    this.log.log({ message: 'stopped', ms: Math.round(performance.now() - startedAt) });
  }

  private async runTask(name: string, work: () => unknown, budgetMs: number): Promise<void> {
    const budget = new AbortController();
    const isLate = sleep(budgetMs, true, { signal: budget.signal }).catch(() => false);
    const isDone = (async () => work())().then(
      () => false,
      (error: unknown) => this.log.error({ message: `${name} failed while stopping`, error }),
    );
    if ((await Promise.race([isDone, isLate])) === true) {
      this.log.warn({ message: `${name} did not stop in time`, budgetMs });
    }
    budget.abort();
  }
}
