import { DedicatedConnection } from '@bellhop/postgres';
import { backoffMs, pause, Signal } from '@bellhop/waiting';
import type { DataSource } from 'typeorm';
import { CommitSubscriber } from '../after-commit.js';
import type { EventPublisher, RelayLog, Rollback, StreamInspector } from './ports.js';
import { publishPass } from './publish-pass.js';
import { StandingOutbox } from './standing-outbox.js';
import { StreamGuard } from './stream-guard.js';

export interface OutboxRelayOptions {
  /** May be initialized later; the relay waits for it. */
  dataSource: DataSource;
  publisher: EventPublisher;
  /** Looks at the streams that events go to, and builds their consumers again. */
  inspector: StreamInspector;
  /** Streams that this service owns and that others publish to: their consumers are looked after as well. */
  ownStreams?: readonly string[];
  /** Called when a stream that had lost its end was repaired, for metrics. */
  onRollback?(rollback: Rollback): void;
  log: RelayLog;
  /**
   * How often to look without having been woken, in milliseconds: for events that another replica has written, and for
   * the place of an active relay that is gone. Default 250.
   */
  pollMs?: number;
  /** Events per publish and per mark. Default 500. */
  batchSize?: number;
  /** How often to look, while another replica is active, whether it gets anything published, in milliseconds. Default 2,000. */
  watchOtherMs?: number;
}

const OTHER_STANDS =
  'the outbox relay of another replica gets nothing published: its log, and its own /readyz, say why';
const RETRY = { firstMs: 100, maxMs: 2_000 };
/** The key of the session lock of the active relay, the same in every version: two that overlap in an upgrade share it. */
const RELAY_LOCK = '27695060303146864';
/** One may be a passing one, such as that of a stream which changes its leader. */
const REFUSALS_TO_TELL = 3;

/**
 * Publishes what the outbox holds, at least once, each event under its own id. Of all replicas one is active at a time,
 * by a session lock in Postgres; when its connection ends, another takes over within `pollMs`.
 */
export class OutboxRelay {
  /** Events that this relay has published and marked. */
  published = 0;

  private trouble: string | null = 'the outbox relay has not started yet';
  private failures = 0;
  /** Passes in a row in which NATS refused an event, also where others went out. */
  private refusals = 0;
  private readonly ofOther: StandingOutbox;
  private readonly news = new Signal();
  private readonly stopping = new AbortController();
  private readonly subscriber = new CommitSubscriber(() => this.news.notify());
  private loop: Promise<void> | undefined;
  private readonly pollMs: number;
  private readonly batchSize: number;

  constructor(private readonly options: OutboxRelayOptions) {
    this.pollMs = options.pollMs ?? 250;
    this.batchSize = options.batchSize ?? 500;
    this.ofOther = new StandingOutbox(options.watchOtherMs);
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
    const { subscribers } = this.options.dataSource;
    const index = subscribers.indexOf(this.subscriber);
    if (index >= 0) subscribers.splice(index, 1);
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

  private isDatabaseReady(): boolean {
    const { dataSource } = this.options;
    if (!dataSource.isInitialized) {
      this.trouble = 'the outbox relay waits for Postgres';
      return false;
    }
    // Initializing replaces the list, so it is looked at every time.
    if (!dataSource.subscribers.includes(this.subscriber)) dataSource.subscribers.push(this.subscriber);
    return true;
  }

  /** Relays until stopped or until something fails; answers false at once when another replica is active. */
  private beActive(): Promise<boolean> {
    return DedicatedConnection.use(this.options.dataSource, async (session) => {
      const isLocked = await session.tryLock(RELAY_LOCK);
      if (isLocked) {
        this.ofOther.forget();
        await this.publishUntilStopped(session);
        await session.unlock(RELAY_LOCK);
      } else {
        const isStanding = await this.ofOther.isStanding(session);
        this.recover();
        if (isStanding) this.trouble = OTHER_STANDS;
      }
      return isLocked;
    });
  }

  private async publishUntilStopped(session: DedicatedConnection): Promise<void> {
    const { publisher } = this.options;
    const { signal } = this.stopping;
    const guard = await this.beginGuard(session);
    const onPublished = (count: number) => {
      this.published += count;
    };
    while (!signal.aborted) {
      if (guard.isDue && !(await this.look(guard, session))) continue;
      const before = this.published;
      const pass = await publishPass({ session, publisher, batchSize: this.batchSize, signal, guard, onPublished });
      if (pass.failure) await this.waitAfter(pass.failure, { isRefusal: true, hasProgress: this.published > before });
      else {
        this.recover();
        if (!pass.isMoreWaiting && !guard.isDue) await this.news.wait(this.pollMs);
      }
    }
  }

  private beginGuard(session: DedicatedConnection): Promise<StreamGuard> {
    const { inspector, ownStreams, log } = this.options;
    return StreamGuard.begin({
      session,
      inspector,
      ownStreams: ownStreams ?? [],
      onRollback: (rollback) => {
        log.error(describeRollback(rollback));
        this.options.onRollback?.(rollback);
      },
    });
  }

  /** @returns whether events may be published. While NATS is away the lock is kept: another replica could do no better */
  private async look(guard: StreamGuard, session: DedicatedConnection): Promise<boolean> {
    try {
      await guard.look();
      return true;
    } catch (error) {
      if (session.isLost) throw error;
      await this.waitAfter(error);
      return false;
    }
  }

  private recover(): void {
    if (this.failures > 0) this.options.log.log('outbox relay: working again');
    this.failures = 0;
    this.refusals = 0;
    this.trouble = null;
  }

  /** One line when trouble begins, none while it lasts. Waits longer each time nothing worked at all. */
  private async waitAfter(error: unknown, { isRefusal = false, hasProgress = false } = {}): Promise<void> {
    const trouble = `the outbox relay cannot publish and tries again: ${describe(error)}`;
    if (this.failures === 0) this.options.log.warn(trouble);
    if (!isRefusal || ++this.refusals >= REFUSALS_TO_TELL) this.trouble = trouble;
    this.failures = hasProgress ? 1 : this.failures + 1;
    await pause(backoffMs(RETRY, this.failures), this.stopping.signal);
  }
}

function describeRollback({ stream, signs, from, to, reopened, consumers }: Rollback): string {
  const rebuilt = consumers.length > 0 ? consumers.join(', ') : 'none';
  return (
    `stream ${stream} had lost events that it had acknowledged (${signs.join('; ')}): acknowledged up to ${from}, ` +
    `still there up to ${to}. ${reopened} events are published again, consumers built again: ${rebuilt}`
  );
}

/** An AggregateError, as of a refused connection, has a code and no message. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || String((error as { code?: unknown }).code ?? error.name);
}
