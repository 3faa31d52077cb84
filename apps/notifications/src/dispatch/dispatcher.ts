import { randomUUID } from 'node:crypto';
import { isPassingFault } from '@bellhop/outbox';
import { Database } from '@bellhop/service';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { CHANNEL, type Channel } from '../channels/channel.js';
import { Settings } from '../settings.js';
import { beginSending } from './begin-sending.js';
import { check } from './check.js';
import { claimDue } from './claim-due.js';
import { Composer, type FrozenRequest } from './composer.js';
import type { LeasedDelivery } from './delivery.js';
import { LeaseKeeper } from './lease-keeper.js';
import { loadStanding } from './load-standing.js';
import { markRetrying } from './mark-retrying.js';
import { OutcomeRecorder } from './outcome-recorder.js';
import { type Transition, transition } from './transition.js';
import { WakeUp } from './wake-up.js';

/** How often an idle dispatcher looks by itself; what is due at once wakes it. */
const POLL_MS = 500;

interface Ready {
  readonly delivery: LeasedDelivery;
  readonly request: FrozenRequest;
}

/**
 * The loop of one channel: claim what is due, check again, render, freeze, commit `sending`, call the provider, record.
 * Any number of replicas run it at once; the leases in Postgres keep them apart.
 */
@Injectable()
export class Dispatcher implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log = new Logger(Dispatcher.name);
  private readonly owner = randomUUID();
  private readonly work = new WakeUp();
  private readonly room = new WakeUp();
  private isStopping = false;
  private loop: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    @Inject(CHANNEL) private readonly channel: Channel,
    private readonly leases: LeaseKeeper,
    private readonly composer: Composer,
    private readonly recorder: OutcomeRecorder,
    private readonly settings: Settings,
  ) {}

  onApplicationBootstrap(): void {
    this.loop = this.run();
  }

  /** Claims nothing more, lets what is on the way to the provider finish, and gives the rest back. */
  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    this.work.wake();
    this.room.wake();
    // Without a database the loop waits for one, and holds nothing.
    if (this.database.isReady) await this.loop;
    // Gives what is on its way a few seconds, then ends it with an outcome, which is recorded like any other.
    await this.channel.close();
    while (this.leases.size > 0) await this.room.wait(POLL_MS);
  }

  /** Something is due now. */
  wake(): void {
    this.work.wake();
  }

  private async run(): Promise<void> {
    while (!this.isStopping) {
      try {
        const dataSource = await this.database.whenReady();
        const claimed = await this.claim(dataSource);
        if (claimed.length > 0) void this.dispatch(dataSource, claimed);
        else if (!this.isStopping) await this.work.wait(POLL_MS);
      } catch (error) {
        this.log.warn({ message: 'claiming failed, trying again', error: String(error) });
        await this.work.wait(POLL_MS);
      }
    }
  }

  private async claim(dataSource: DataSource): Promise<LeasedDelivery[]> {
    // More would only wait inside the channel, and be `unknown` for nothing if this process died.
    const capacity = this.channel.maxInFlight;
    while (!this.isStopping && this.leases.size >= capacity) await this.room.wait(POLL_MS);
    if (this.isStopping) return [];
    const startedAt = performance.now();
    const claimed = await claimDue(dataSource, {
      channel: this.channel.name,
      limit: capacity - this.leases.size,
      owner: this.owner,
      leaseMs: this.settings.leaseMs,
    });
    this.leases.hold(claimed, startedAt);
    return claimed;
  }

  /** One claimed batch, to its end. Never rejects. */
  private async dispatch(dataSource: DataSource, claimed: readonly LeasedDelivery[]): Promise<void> {
    try {
      const ready = await this.prepare(dataSource, claimed);
      if (ready.length === 0) return;
      const sealed = ready.map(({ delivery, request }) => ({ delivery, sealed: request.sealed }));
      const startedAt = performance.now();
      const ours = await beginSending(dataSource, sealed, this.settings.leaseMs);
      const sending = ready.filter(({ delivery }) => ours.has(delivery.id));
      this.leases.hold(
        sending.map(({ delivery }) => delivery),
        startedAt,
      );
      await Promise.all(sending.map((one) => this.send(dataSource, one)));
    } catch (error) {
      this.log.warn({ message: 'a batch was given back', error: String(error), isPassing: isPassingFault(error) });
      await this.giveBack(dataSource, claimed);
    } finally {
      this.leases.release(claimed);
      this.room.wake();
    }
  }

  /** Checks again and freezes what is still to be sent. */
  private async prepare(dataSource: DataSource, claimed: readonly LeasedDelivery[]): Promise<Ready[]> {
    const standing = await loadStanding(dataSource, this.channel.name, claimed);
    const sentNow = new Map<string, number>();
    const now = new Date();
    const outcomes = await Promise.all(
      claimed.map(async (delivery): Promise<Ready | undefined> => {
        const facts = standing.get(delivery.id);
        const verdict = facts && check(delivery, facts, sentNow);
        if (verdict?.kind === 'skip') {
          await this.recorder.record(delivery, { state: 'skipped', reason: verdict.reason });
        } else if (verdict?.kind === 'hold') {
          await markRetrying(dataSource.manager, [{ delivery, reason: 'ceiling', dueAt: verdict.until }]);
        } else if (verdict) {
          return this.freeze(delivery, verdict.template, now);
        }
        return undefined;
      }),
    );
    return outcomes.filter((one) => one !== undefined);
  }

  private async freeze(delivery: LeasedDelivery, template: Parameters<Composer['freeze']>[1], now: Date) {
    try {
      return { delivery, request: await this.composer.freeze(delivery, template, now) };
    } catch (error) {
      this.log.error({ message: 'a delivery cannot be composed', delivery: delivery.id, error: String(error) });
      await this.recorder.record(delivery, uncomposed(delivery, error));
      return undefined;
    }
  }

  private async send(dataSource: DataSource, { delivery, request }: Ready): Promise<void> {
    try {
      if (this.leases.isLost(delivery)) {
        // This process slept: another one may hold the delivery by now. If none does, it is tried again at once.
        await markRetrying(dataSource.manager, [{ delivery, reason: 'lease_lost', dueAt: new Date() }]);
        return;
      }
      const [outcome] = await this.channel.send([{ deliveryId: delivery.id, bytes: request.bytes }], delivery.id);
      if (!outcome) throw new Error(`channel ${this.channel.name} gave no outcome`);
      await this.recorder.record(delivery, transition(delivery, outcome, Math.random()));
    } catch (error) {
      // Nothing is lost: its lease runs out, and what was `sending` becomes `unknown`.
      this.log.error({ message: 'an attempt was left to its lease', delivery: delivery.id, error: String(error) });
    } finally {
      this.leases.release([delivery]);
      this.room.wake();
    }
  }

  /** What was claimed but not begun is due again at once. Without a database the lease runs out instead. */
  private async giveBack(dataSource: DataSource, claimed: readonly LeasedDelivery[]): Promise<void> {
    const held = claimed.filter((delivery) => this.leases.has(delivery));
    await markRetrying(
      dataSource.manager,
      held.map((delivery) => ({ delivery, reason: 'given_back', dueAt: new Date() })),
    ).catch(() => undefined);
  }
}

/** What becomes of a delivery whose request cannot be made. A missing key is our set-up, and may come back; the rest cannot. */
function uncomposed(delivery: LeasedDelivery, error: unknown): Transition {
  const { code } = error as { code?: unknown };
  if (code === 'unknown_key') return transition(delivery, { kind: 'not_sent', cause: code }, Math.random());
  return { state: 'dead', reason: typeof code === 'string' ? code : 'cannot_be_composed' };
}
