import { DedicatedConnection } from '@bellhop/postgres';
import { backoffMs, pause, Signal } from '@bellhop/waiting';
import type { DataSource } from 'typeorm';
import { appended } from '../after-commit.js';
import type { EventPublisher, RelayLog, RelayLogLine, Rollback, StreamInspector } from './ports.js';
import { publishPass } from './publish-pass.js';
import { RollbackDetector } from './rollback-detector.js';
import { StallDetector } from './stall-detector.js';

export interface OutboxRelayOptions {
  /** May be initialized later; the relay waits for it. */
  dataSource: DataSource;
  /** Commits on these wake the relay. Default: on `dataSource`. */
  writers?: readonly DataSource[];
  publisher: EventPublisher;
  /** Reads the streams that events go to, and rebuilds their consumers. */
  inspector: StreamInspector;
  /** Streams that this service owns and others publish to: their consumers are checked as well. */
  ownStreams?: readonly string[];
  /** Called when a stream that had lost its end was repaired, for metrics. */
  onRollback?(rollback: Rollback): void;
  log: RelayLog;
  /**
   * Poll interval in milliseconds: for events that another replica has written, and for the lock of an active relay that is
   * gone. Default 250.
   */
  pollMs?: number;
  /** Events per publish and per mark. Default 500. */
  batchSize?: number;
  /** How often a passive replica checks whether the active one publishes anything, in milliseconds. Default 2,000. */
  watchOtherMs?: number;
}

const OTHER_STALLED =
  'the outbox relay of another replica gets nothing published: its log, and its own /readyz, say why';
const RETRY = { firstMs: 100, maxMs: 2_000 };
/** The key of the session lock of the active relay, the same in every version: two that overlap in an upgrade share it. */
const RELAY_LOCK = '27695060303146864';
/** Refusals in a row before `problem()` reports them: a single one may be transient, such as a leader election. */
const REFUSALS_TO_REPORT = 3;

/**
 * Publishes the events of the outbox at least once, each under its own id. One replica is active at a time, by a session lock
 * in Postgres; when its connection ends, another takes over within `pollMs`.
 */
export class OutboxRelay {
  /** Events that this relay has published and marked. */
  published = 0;

  private trouble: string | null = 'the outbox relay has not started yet';
  private failures = 0;
  /** Passes in a row in which NATS refused an event, even if others were published. */
  private refusals = 0;
  private readonly stalls: StallDetector;
  private readonly news = new Signal();
  private readonly stopping = new AbortController();
  private readonly subscriber = appended.subscriber(() => this.news.notify());
  private loop: Promise<void> | undefined;
  private readonly pollMs: number;
  private readonly batchSize: number;

  constructor(private readonly options: OutboxRelayOptions) {
    this.pollMs = options.pollMs ?? 250;
    this.batchSize = options.batchSize ?? 500;
    this.stalls = new StallDetector(options.watchOtherMs);
  }

  /** Returns at once; Postgres and NATS may be away. */
  start(): void {
    this.loop ??= this.run();
  }

  /** Finishes the batch at hand, gives the lock to another replica and resolves. A stopped relay cannot start again. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.news.notify();
    await this.loop;
    for (const { subscribers } of this.writers) {
      const index = subscribers.indexOf(this.subscriber);
      if (index >= 0) subscribers.splice(index, 1);
    }
    this.trouble = 'the outbox relay was stopped';
  }

  /** Why events are not being published, here or by the replica that is active, as a sentence; null while all is well. */
  problem(): string | null {
    return this.trouble;
  }

  private async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      try {
        if (!this.isDatabaseReady() || !(await this.beActive())) await this.news.wait(this.pollMs);
      } catch (error) {
        await this.waitAfter(error);
      }
    }
  }

  private get writers(): readonly DataSource[] {
    return this.options.writers ?? [this.options.dataSource];
  }

  private isDatabaseReady(): boolean {
    if (![this.options.dataSource, ...this.writers].every(({ isInitialized }) => isInitialized)) {
      this.trouble = 'the outbox relay waits for Postgres';
      return false;
    }
    // Initializing replaces the list, so it is checked every time.
    for (const { subscribers } of this.writers)
      if (!subscribers.includes(this.subscriber)) subscribers.push(this.subscriber);
    return true;
  }

  /** Relays until stopped or until something fails; resolves with false at once when another replica is active. */
  private beActive(): Promise<boolean> {
    return DedicatedConnection.use(this.options.dataSource, async (session) => {
      const isLocked = await session.tryLock(RELAY_LOCK);
      if (isLocked) {
        this.stalls.reset();
        await this.publishUntilStopped(session);
        await session.unlock(RELAY_LOCK);
      } else {
        const isStalled = await this.stalls.isStalled(session);
        this.recover();
        if (isStalled) this.trouble = OTHER_STALLED;
      }
      return isLocked;
    });
  }

  private async publishUntilStopped(session: DedicatedConnection): Promise<void> {
    const { publisher } = this.options;
    const { signal } = this.stopping;
    const rollbacks = await this.rollbackDetector(session);
    const onPublished = (count: number) => {
      this.published += count;
    };
    while (!signal.aborted) {
      if (rollbacks.isDue && !(await this.check(rollbacks, session))) continue;
      const before = this.published;
      const pass = await publishPass({ session, publisher, batchSize: this.batchSize, signal, rollbacks, onPublished });
      if (pass.failure) await this.waitAfter(pass.failure, { isRefusal: true, hasProgress: this.published > before });
      else {
        this.recover();
        if (!pass.isMoreWaiting && !rollbacks.isDue) await this.news.wait(this.pollMs);
      }
    }
  }

  private rollbackDetector(session: DedicatedConnection): Promise<RollbackDetector> {
    const { inspector, ownStreams, log } = this.options;
    return RollbackDetector.load({
      session,
      inspector,
      ownStreams: ownStreams ?? [],
      onRollback: (rollback) => {
        log.error(lineOf(rollback));
        this.options.onRollback?.(rollback);
      },
    });
  }

  /** @returns whether events may be published. While NATS is disconnected the lock is kept: another replica could do no better */
  private async check(rollbacks: RollbackDetector, session: DedicatedConnection): Promise<boolean> {
    try {
      await rollbacks.check();
      return true;
    } catch (error) {
      if (session.isLost) throw error;
      await this.waitAfter(error);
      return false;
    }
  }

  private recover(): void {
    if (this.failures > 0) this.options.log.log({ message: 'outbox relay recovered', failures: this.failures });
    this.failures = 0;
    this.refusals = 0;
    this.trouble = null;
  }

  /** Logs the first failure, not the following ones. The wait grows with each failure without progress. */
  private async waitAfter(error: unknown, { isRefusal = false, hasProgress = false } = {}): Promise<void> {
    const trouble = `the outbox relay cannot publish and tries again: ${describe(error)}`;
    if (this.failures === 0) this.options.log.warn({ message: 'outbox relay cannot publish: will retry', error });
    if (!isRefusal || ++this.refusals >= REFUSALS_TO_REPORT) this.trouble = trouble;
    this.failures = hasProgress ? 1 : this.failures + 1;
    await pause(backoffMs(RETRY, this.failures), this.stopping.signal);
  }
}

function lineOf({ stream, signs, from, to, reopened, consumers }: Rollback): RelayLogLine {
  return {
    message: `stream ${stream} had lost events that it had acknowledged: ${reopened} events will be published again`,
    ...{ stream, signs, acknowledgedSequence: from, survivingSequence: to, reopened, rebuiltConsumers: consumers },
  };
}

/** An AggregateError, as of a refused connection, has a code and no message. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || String((error as { code?: unknown }).code ?? error.name);
}
