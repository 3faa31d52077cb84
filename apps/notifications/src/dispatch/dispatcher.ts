import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { isPassingFault } from '@bellhop/outbox';
import { Database, Shutdown } from '@bellhop/service';
import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { CHANNEL, type Channel } from '../channels/channel.js';
import { Settings } from '../settings.js';
import { beginSending } from './begin-sending.js';
import { check } from './check.js';
import { claimDue } from './claim-due.js';
import { Composer, type Content, type FrozenRequest } from './composer.js';
import type { LeasedDelivery } from './delivery.js';
import { LeaseKeeper } from './lease-keeper.js';
import { loadStanding } from './load-standing.js';
import { markRetrying } from './mark-retrying.js';
import { OutcomeRecorder, type Result } from './outcome-recorder.js';
import { transition } from './transition.js';
import { WakeUp } from './wake-up.js';

/** How often an idle dispatcher looks by itself; what is due at once wakes it. */
const POLL_MS = 500;
/** How long a claim waits for more places when fewer than half are free. */
const GATHER_MS = 10;
const GIVE_BACK_MS = 5_000;
/** How often to look whether a key that is missing from PAYLOAD_KEY is there again. */
const MISSING_KEY_MS = 60_000;

interface Ready {
  readonly delivery: LeasedDelivery;
  readonly request: FrozenRequest;
}

/**
 * The loop of one channel: claim what is due, check again, render, freeze, commit `sending`, call the provider, record.
 * Any number of replicas run it at once; the leases in Postgres keep them apart.
 */
@Injectable()
export class Dispatcher implements OnApplicationBootstrap {
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
    shutdown: Shutdown,
  ) {
    shutdown.add('workers', 'dispatcher', () => this.stop());
  }

  onApplicationBootstrap(): void {
    this.loop = this.run();
  }

  /** Something is due now. */
  wake(): void {
    this.work.wake();
  }

  /** Claims nothing more and lets what is on the way to the provider finish. What does not is left to its lease. */
  private async stop(): Promise<void> {
    this.isStopping = true;
    this.work.wake();
    this.room.wake();
    // Without a database the loop waits for one, and holds nothing.
    if (this.database.isReady) await this.loop;
    // Gives what is on its way a few seconds, then ends it with an outcome, which is recorded like any other.
    await this.channel.close();
    while (this.leases.size > 0) await this.room.wait(POLL_MS);
    await this.leases.stop();
  }

  private async run(): Promise<void> {
    while (!this.isStopping) {
      try {
        const dataSource = await this.database.whenReady();
        const claimed = await this.claim(dataSource);
        if (claimed.length > 0) await this.dispatch(dataSource, claimed);
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
    // Places become free one by one; a statement for each would cost more than the mail.
    if (this.leases.size > capacity / 2) await pause(GATHER_MS);
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

  /**
   * Brings one claimed batch to the point where it is being sent. One batch after the other, so that each sees in the
   * database what the one before has let through; the sending itself goes on beside. Never rejects.
   */
  private async dispatch(dataSource: DataSource, claimed: readonly LeasedDelivery[]): Promise<void> {
    try {
      const ready = await this.prepare(dataSource, claimed);
      if (ready.length === 0) return;
      const sealed = ready.map(({ delivery, request }) => ({ delivery, sealed: request.sealed }));
      const startedAt = performance.now();
      const ours = await beginSending(dataSource, sealed, this.settings.leaseMs);
      for (const one of ready) {
        if (!ours.has(one.delivery.id)) this.letGo(one.delivery);
        else {
          this.leases.hold([one.delivery], startedAt);
          void this.send(dataSource, one);
        }
      }
    } catch (error) {
      this.log.warn({ message: 'a batch was given back', error: String(error), isPassing: isPassingFault(error) });
      await this.giveBack(dataSource, claimed);
    }
  }

  /** Checks again, settles what is not to be sent, and freezes the rest. */
  private async prepare(dataSource: DataSource, claimed: readonly LeasedDelivery[]): Promise<Ready[]> {
    const standing = await loadStanding(dataSource, this.channel.name, claimed);
    const sentNow = new Map<string, number>();
    const now = new Date();
    const held: Parameters<typeof markRetrying>[1][number][] = [];
    const settled: Promise<void>[] = [];
    const freezing: Promise<Ready | undefined>[] = [];
    for (const delivery of claimed) {
      const facts = standing.get(delivery.id);
      const verdict = facts && check(delivery, facts, sentNow);
      if (verdict?.kind === 'send') freezing.push(this.freeze(delivery, verdict, now));
      else if (verdict?.kind === 'hold') held.push({ delivery, reason: 'ceiling', waitMs: verdict.waitMs });
      else if (verdict) settled.push(this.settle(delivery, skipped(delivery, verdict.reason)));
      else this.letGo(delivery);
    }
    if (held.length > 0) await markRetrying(dataSource.manager, held);
    for (const { delivery } of held) this.letGo(delivery);
    await Promise.all(settled);
    return (await Promise.all(freezing)).filter((one) => one !== undefined);
  }

  private async freeze(delivery: LeasedDelivery, content: Content, now: Date): Promise<Ready | undefined> {
    try {
      return { delivery, request: await this.composer.freeze(delivery, content, now) };
    } catch (error) {
      this.log.error({ message: 'a delivery cannot be composed', delivery: delivery.id, error: String(error) });
      await this.settle(delivery, uncomposed(error));
      return undefined;
    }
  }

  private async send(dataSource: DataSource, { delivery, request }: Ready): Promise<void> {
    try {
      if (this.leases.isLost(delivery)) {
        // This process slept: another one may hold the delivery by now. If none does, it is tried again at once.
        await markRetrying(dataSource.manager, [{ delivery, reason: 'lease_lost', waitMs: 0 }]);
        return;
      }
      const [outcome] = await this.channel.send([{ deliveryId: delivery.id, bytes: request.bytes }], delivery.id);
      if (!outcome) throw new Error(`channel ${this.channel.name} gave no outcome`);
      await this.recorder.record(delivery, transition(delivery, outcome, Math.random()));
    } catch (error) {
      // Nothing is lost: its lease runs out, and what was `sending` becomes `unknown`.
      this.log.error({ message: 'an attempt was left to its lease', delivery: delivery.id, error: String(error) });
    } finally {
      this.letGo(delivery);
    }
  }

  /** Records what needs no provider. One that cannot be recorded is left to its lease and holds up no other. */
  private async settle(delivery: LeasedDelivery, result: Result): Promise<void> {
    try {
      await this.recorder.record(delivery, result);
    } catch (error) {
      this.log.error({ message: 'a delivery was left to its lease', delivery: delivery.id, error: String(error) });
    } finally {
      this.letGo(delivery);
    }
  }

  private letGo(delivery: LeasedDelivery): void {
    this.leases.release([delivery]);
    this.room.wake();
  }

  /** What was claimed but not begun is due again soon. Without a database the lease runs out instead. */
  private async giveBack(dataSource: DataSource, claimed: readonly LeasedDelivery[]): Promise<void> {
    const held = claimed.filter((delivery) => this.leases.has(delivery));
    // Spread out, so that what failed together is not claimed together again.
    const rows = held.map((delivery) => ({ delivery, reason: 'given_back', waitMs: GIVE_BACK_MS * Math.random() }));
    await markRetrying(dataSource.manager, rows).catch(() => undefined);
    for (const delivery of held) this.letGo(delivery);
  }
}

/** An attempt without an answer may have arrived: nobody may say of it that it was not sent. */
function skipped(delivery: LeasedDelivery, reason: string): Result {
  return delivery.unknowns > 0 ? { state: 'dead', reason: 'no_answer' } : { state: 'skipped', reason };
}

/** What becomes of a delivery whose request cannot be made. A missing key is our set-up and may come back; the rest cannot. */
function uncomposed(error: unknown): Result {
  const { code } = error as { code?: unknown };
  if (code === 'unknown_key') return { state: 'retrying', reason: code, waitMs: MISSING_KEY_MS };
  const isOurs = typeof code === 'string' && /^[a-z][a-z0-9_]{0,63}$/.test(code);
  return { state: 'dead', reason: isOurs ? code : 'cannot_be_composed' };
}
