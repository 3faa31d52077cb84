import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { isTransientError } from '@bellhop/postgres';
import { Database, Shutdown } from '@bellhop/service';
import { Signal } from '@bellhop/waiting';
import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { CHANNEL, type Channel, type Outcome } from '../channels/channel.js';
import { Settings } from '../settings.js';
import type { Batch } from './batch.js';
import { beginSending } from './begin-sending.js';
import { claimDue } from './claim-due.js';
import type { LeasedDelivery } from './delivery.js';
import { GuestLinks } from './guest-links.js';
import { HandBack } from './hand-back.js';
import { LeaseKeeper } from './lease-keeper.js';
import { markRetrying } from './mark-retrying.js';
import { OutcomeRecorder, type Result } from './outcome-recorder.js';
import { LOOK_AGAIN_MS, Places } from './places.js';
import { Preparation } from './preparation.js';
import { ProviderTrouble } from './provider-trouble.js';
import { type TransitionPolicy, transition } from './transition.js';
import { deleteUnused } from './wipe-frozen.js';

/** How often an idle dispatcher looks by itself; what is due at once wakes it. */
const POLL_MS = LOOK_AGAIN_MS;
/** How long a claim waits for more places when fewer than half are free. */
const GATHER_MS = 10;
/** What is claimed and cannot begin within this is given back, so that what is more urgent goes first, and no look at it is older. */
const LONG_WAIT_MS = 1_000;
const REFUSES_US =
  'our mails are refused for our set-up or our quota: they wait and are tried again; check EMAIL_URL, EMAIL_FROM and the account behind them';

/**
 * The loop of one channel: claim what is due, check again, render, freeze, commit `sending`, call the provider, record. Guests'
 * mails wait for their links beside it, and come in again when those are there.
 * Any number of replicas run it at once; the leases in Postgres keep them apart.
 */
@Injectable()
export class Dispatcher implements OnApplicationBootstrap {
  private readonly log = new Logger(Dispatcher.name);
  private readonly owner = randomUUID();
  private readonly work = new Signal();
  private readonly room = new Signal();
  private readonly trouble = new ProviderTrouble();
  private readonly policy: TransitionPolicy;
  private readonly places: Places;
  private readonly back: HandBack;
  private isStopping = false;
  private loop: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    @Inject(CHANNEL) private readonly channel: Channel,
    private readonly leases: LeaseKeeper,
    private readonly preparation: Preparation,
    private readonly recorder: OutcomeRecorder,
    private readonly links: GuestLinks,
    private readonly settings: Settings,
    shutdown: Shutdown,
  ) {
    this.policy = { isIdempotent: channel.idempotent, unknownWaitMs: settings.unknownWaitMs };
    this.places = new Places(channel, () => this.room.notify());
    this.back = new HandBack(leases, () => this.room.notify());
    links.listen(() => this.work.notify());
    shutdown.add('workers', 'dispatcher', () => this.stop());
  }

  onApplicationBootstrap(): void {
    this.loop = this.run();
    void this.lookAtProvider();
  }

  /** Says at once what the first delivery would only find out hours later. Nothing waits for it: deliveries do that by themselves. */
  private async lookAtProvider(): Promise<void> {
    const problem = await this.channel.verify?.();
    if (problem && !this.isStopping) this.log.warn({ message: problem });
  }

  /** Something is due now. */
  wake(): void {
    this.work.notify();
  }

  /** Claims nothing more and lets what is on the way to the provider finish. What does not is left to its lease. */
  private async stop(): Promise<void> {
    this.isStopping = true;
    this.work.notify();
    this.room.notify();
    // Without a database the loop waits for one, and holds nothing.
    if (this.database.isReady) await this.loop;
    await this.links.stop();
    await this.handBackAll(this.database.dataSource);
    // Gives what is on its way a few seconds, then ends it with an outcome, which is recorded like any other.
    await this.channel.close();
    while (this.leases.size > 0) {
      await this.room.wait(POLL_MS);
      // What a loop that was not waited for has set aside since.
      await this.handBackAll(this.database.dataSource);
    }
    await this.leases.stop();
  }

  private async run(): Promise<void> {
    while (!this.isStopping) {
      try {
        const dataSource = await this.database.whenReady();
        await this.takeLinks(dataSource);
        const claimed = await this.claim(dataSource);
        if (claimed.length > 0) await this.dispatch(dataSource, claimed);
        else if (!this.isStopping) await this.work.wait(POLL_MS);
      } catch (error) {
        this.log.warn({ message: 'claiming failed, trying again', error: String(error) });
        await this.work.wait(POLL_MS);
      }
    }
  }

  /** Goes on with guests' mails whose links have come, and hands back those whose have not. */
  private async takeLinks(dataSource: DataSource): Promise<void> {
    const { linked, unanswered } = this.links.take();
    await this.back.waitFor(dataSource, unanswered);
    if (linked.size > 0) await this.dispatch(dataSource, [...linked.keys()], linked);
  }

  private async handBackAll(dataSource: DataSource): Promise<void> {
    const { linked, unanswered } = this.links.take();
    await this.back.waitFor(dataSource, unanswered);
    await this.back.giveBack(dataSource, [...linked.keys()], 0);
  }

  /**
   * Claims no more than may go at once: what waits here would be late for what is more urgent, and `unknown` for nothing if
   * this process died.
   */
  private async claim(dataSource: DataSource): Promise<LeasedDelivery[]> {
    for (
      let { calls, againInMs } = this.places.allowance();
      calls === 0;
      { calls, againInMs } = this.places.allowance()
    ) {
      if (this.isStopping) return [];
      await this.room.wait(Math.min(againInMs, POLL_MS));
    }
    // Places become free one by one; a statement for each would cost more than the mail.
    if (this.places.areFew) await pause(GATHER_MS);
    if (this.isStopping) return [];
    const startedAt = performance.now();
    const { calls } = this.places.allowance();
    const claimed = await claimDue(dataSource, {
      channel: this.channel.name,
      limit: calls * this.channel.maxBatch,
      askedForLimit: calls,
      owner: this.owner,
      leaseMs: this.settings.leaseMs,
    });
    this.leases.hold(claimed, startedAt);
    return claimed;
  }

  /**
   * Brings one claim to the point where it is being sent. One claim after the other, so that each sees in the database what
   * the one before has let through; the sending itself goes on beside. Never rejects.
   */
  private async dispatch(
    dataSource: DataSource,
    claimed: readonly LeasedDelivery[],
    links?: ReadonlyMap<LeasedDelivery, string>,
  ): Promise<void> {
    const notBegun = new Set(claimed);
    try {
      // failpoint: dispatch.claimed
      const { batches, settled, held, folded, left, unlinked } = await this.preparation.prepare(
        dataSource,
        claimed,
        links,
      );
      // failpoint: dispatch.prepared
      for (const delivery of unlinked) notBegun.delete(delivery);
      this.links.ask(unlinked);
      if (held.length > 0) await this.recorder.hold(held);
      this.back.letGo([...folded, ...held.map(({ delivery }) => delivery)]);
      await Promise.all(settled.map(({ delivery, result }) => this.settle(delivery, result)));
      await this.sendAll(dataSource, batches, notBegun);
      if (left.length > 0) await deleteUnused(dataSource.manager, left);
    } catch (error) {
      this.log.warn({ message: 'a batch was given back', error: String(error), isPassing: isTransientError(error) });
      await this.back.giveBack(dataSource, [...notBegun]);
    }
  }

  /**
   * As many at a time as may go; a claim holds more batches than calls when some of them are small.
   * @param notBegun loses what is being sent, which must not be given back
   */
  private async sendAll(
    dataSource: DataSource,
    batches: readonly Batch[],
    notBegun: Set<LeasedDelivery>,
  ): Promise<void> {
    const waiting = [...batches];
    const endsAt = performance.now() + LONG_WAIT_MS;
    while (waiting.length > 0) {
      const { calls, againInMs } = this.places.allowance();
      if (calls > 0) {
        const next = waiting.splice(0, calls);
        const ours = await this.begin(dataSource, next);
        for (const { members } of next) for (const delivery of members) notBegun.delete(delivery);
        for (const batch of ours) void this.send(dataSource, batch);
      } else if (this.isStopping || performance.now() + againInMs > endsAt) {
        const members = waiting.splice(0).flatMap((batch) => batch.members);
        await this.back.giveBack(dataSource, members, 0);
      } else await this.room.wait(Math.min(againInMs, POLL_MS));
    }
  }

  /** Answers the batches with the members that are ours to send. */
  private async begin(dataSource: DataSource, batches: readonly Batch[]): Promise<Batch[]> {
    const startedAt = performance.now();
    const ours = await beginSending(dataSource, batches, this.settings.leaseMs);
    // failpoint: dispatch.begun
    const isOurs = ({ id }: LeasedDelivery) => ours.has(id);
    const begun = batches.map((batch) => ({ ...batch, members: batch.members.filter(isOurs) }));
    this.leases.hold(
      begun.flatMap(({ members }) => members),
      startedAt,
    );
    // Of a batch that could not begin whole, those that are still ours.
    await this.back.giveBack(
      dataSource,
      batches.flatMap(({ members }) => members).filter((one) => !isOurs(one)),
    );
    return begun.filter(({ members }) => members.length > 0);
  }

  private async send(dataSource: DataSource, batch: Batch): Promise<void> {
    const { id, items, members } = batch;
    this.places.take();
    try {
      if (members.some((delivery) => this.leases.isLost(delivery))) {
        // This process slept: another one may hold some of it by now. What nobody else holds is tried again at once.
        const lost = members.map((delivery) => ({ delivery, reason: 'lease_lost', waitMs: 0, isFree: true }));
        await markRetrying(dataSource.manager, lost);
        return;
      }
      const outcomes = await this.call(batch);
      // failpoint: dispatch.sent
      const outcomeOf = new Map(items.map(({ deliveryId }, index) => [deliveryId, outcomes[index]]));
      // One for all: they come back together, so that one request asks for all of them again.
      const moment = { now: new Date(), random: Math.random() };
      await Promise.all(
        members.map((delivery) => {
          const outcome = outcomeOf.get(delivery.id);
          if (!outcome) throw new Error(`channel ${this.channel.format} gave no outcome for ${delivery.id}`);
          return this.recorder.record(delivery, transition(delivery, outcome, this.policy, moment));
        }),
      );
    } catch (error) {
      // Nothing is lost: its lease runs out, and what was `sending` becomes `unknown`.
      this.log.error({ message: 'an attempt was left to its lease', batch: id, error: String(error) });
    } finally {
      this.places.leave();
      this.back.letGo(members);
    }
  }

  private async call(batch: Batch): Promise<readonly Outcome[]> {
    const outcomes = await this.places.call(batch);
    for (const reason of this.trouble.news(outcomes, performance.now())) this.log.warn({ message: REFUSES_US, reason });
    return outcomes;
  }

  /** Records what needs no provider. One that cannot be recorded is left to its lease and holds up no other. */
  private async settle(delivery: LeasedDelivery, result: Result): Promise<void> {
    try {
      await this.recorder.record(delivery, result);
    } catch (error) {
      this.log.error({ message: 'a delivery was left to its lease', delivery: delivery.id, error: String(error) });
    } finally {
      this.back.letGo([delivery]);
    }
  }
}
