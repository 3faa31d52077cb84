import type { FeedKind, MessagePreview, TestPushResponse } from '@bellhop/contracts/http';
import { accountIdentity, OWN_SYSTEM } from '@bellhop/contracts/persons';
import type { Database } from '@bellhop/service';
import { Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { accountOf, type Recipient } from '../../planning/recipients.js';
import type { Ceilings } from '../ceilings.js';
import type { Channel, ChannelRequest, Content, Outcome, Provider } from '../channel.js';
import { InFlight } from '../in-flight.js';
import { type FrozenPush, freezePush, thawPush } from './frozen-push.js';
import { outcomeOfDevices } from './outcome.js';
import { PushSender, type PushSenderOptions } from './push-sender.js';
import { type DeviceRow, loadDevices } from './subscriptions/load-devices.js';
import { loadReached } from './subscriptions/load-reached.js';
import { type Attempt, reasonOf, recordAttempts } from './subscriptions/record-attempts.js';
import { testPush } from './test-push.js';

/** The channel, or null where web push is off. */
export const PUSH = Symbol('push');

export interface PushChannelOptions extends PushSenderOptions {
  /** In whose name pushes speak. */
  readonly brand: string;
  /** PUBLIC_URL: where a test leads. */
  readonly publicUrl: string;
  /** How long a push waits for further events, in milliseconds. */
  readonly quietMs: number;
  /** How long `close()` waits for what is on the way, in milliseconds. */
  readonly closeMs: number;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** Four and a half hours in all; whatever is older than a day is not sent at all. */
const RETRY_SCHEDULE_MS = [10 * SECOND_MS, MINUTE_MS, 5 * MINUTE_MS, 20 * MINUTE_MS, HOUR_MS, 3 * HOUR_MS] as const;

const CEILINGS: Ceilings = {
  perTicket: { count: 10, windowMs: 10 * MINUTE_MS },
  perPerson: { count: 30, windowMs: HOUR_MS },
  // A team has no devices.
  team: { count: 30, windowMs: HOUR_MS },
};
const UNREAD_MS = SECOND_MS;
/** Of all tests to one device, the newest is worth showing. */
const TEST_TOPIC = 'test';
const NO_DELIVERY = '00000000-0000-0000-0000-000000000000';

/** A receipt is told by the page itself, and by mail. */
const LEFT_OUT: ReadonlySet<FeedKind> = new Set(['created']);

/**
 * Web push to the devices of an account. One delivery goes to all of them: which these are is looked up when it is sent, and what became
 * of each is kept in `push_attempts`. A repetition replaces what it repeats, by its topic and its tag, so that an attempt without an answer
 * is made again like one with a key.
 */
export class PushChannel implements Channel, Provider {
  readonly name = 'push';
  readonly settings = ['VAPID_KEYS', 'PUSH_SUBJECT'];
  readonly noEndpoint = 'no_device';
  readonly isLoud = true;
  readonly leavesOut = LEFT_OUT;
  readonly providers = [this];
  readonly format = 'web-push';
  readonly maxBatch = 25;
  readonly maxInFlight = 8;
  readonly idempotent = true;
  readonly keyedBy = 'delivery';
  readonly retrySchedule = RETRY_SCHEDULE_MS;
  readonly ceilings = CEILINGS;
  readonly digestWindow: Channel['digestWindow'];
  /** The first is the one that browsers subscribe with. */
  readonly keys: PushChannelOptions['keys'];
  readonly local: string | undefined;
  private readonly log = new Logger(PushChannel.name);
  private readonly sender: PushSender;
  private readonly inFlight = new InFlight();
  private readonly frozen: { brand: string; secret: Buffer };

  constructor(
    /** Looked up at each use: it is there once the app has started. */
    private readonly database: Pick<Database, 'background'>,
    private readonly options: PushChannelOptions,
  ) {
    this.keys = options.keys;
    this.local = options.local;
    const [newest] = options.keys;
    this.digestWindow = { quietMs: options.quietMs, maxWaitMs: options.quietMs };
    this.sender = new PushSender(options);
    this.frozen = { brand: options.brand, secret: newest.seal.secret };
  }

  provider(): Provider {
    return this;
  }

  endpointOf(recipient: Recipient): string | null {
    return accountOf(recipient);
  }

  reached(manager: EntityManager, people: readonly string[]): Promise<ReadonlySet<string>> {
    return loadReached(manager, people);
  }

  suppressionKeyOf(person: string): string {
    return person;
  }

  identityOf(person: string): string {
    return accountIdentity(OWN_SYSTEM, person);
  }

  ceilingKeyOf(person: string): string {
    return person;
  }

  /** @throws an error with the code `push_too_long`, or of the template */
  compose(content: Content): Buffer {
    return freezePush(content, this.frozen);
  }

  preview(content: Content): MessagePreview {
    const { urgency, expiresAt, text } = thawPush(this.compose(content));
    return { kind: 'push', urgency, expiresAt: new Date(expiresAt).toISOString(), payload: JSON.parse(text) };
  }

  send(batch: readonly ChannelRequest[]): Promise<Outcome[]> {
    return this.inFlight.track(this.sendBatch(batch));
  }

  /** Right away, to one device, past every rule: its owner asks for it. */
  async sendTest(device: DeviceRow, locale: string | undefined): Promise<TestPushResponse> {
    const text = testPush(locale, this.options.publicUrl);
    const push = { topic: TEST_TOPIC, urgency: 'high', expiresAt: Date.now() + MINUTE_MS, text } as const;
    const outcome = await this.inFlight.track(this.sender.send(device, push, { isTest: true }));
    await this.record([{ deliveryId: NO_DELIVERY, subscriptionId: device.id, service: device.service, outcome }]);
    return { outcome: outcome.kind, reason: reasonOf(outcome) };
  }

  async close(): Promise<void> {
    await this.inFlight.ended(this.options.closeMs);
    this.sender.close();
    await this.inFlight.ended();
  }

  private async sendBatch(batch: readonly ChannelRequest[]): Promise<Outcome[]> {
    const now = Date.now();
    const pushes = batch.map(({ deliveryId, bytes }) => ({ deliveryId, push: thawPush(bytes) }));
    let devices: readonly DeviceRow[];
    try {
      const people = pushes.map(({ push }) => push.person);
      devices = await loadDevices(this.database.background, [...new Set(people)]);
    } catch (error) {
      this.log.warn({ message: 'devices not read, trying again', deliveries: batch.length, error });
      return batch.map(() => ({
        kind: 'throttled',
        retryAfterMs: UNREAD_MS,
        reason: 'devices_unread',
        isForAll: true,
      }));
    }
    // failpoint: push.devices_read
    const attempts = await Promise.all(
      pushes.map(({ deliveryId, push }) =>
        push.expiresAt > now ? this.sendToAll(devices, deliveryId, push) : Promise.resolve(null),
      ),
    );
    // failpoint: push.sent
    await this.record(attempts.flatMap((of) => of ?? []));
    // failpoint: push.recorded
    return attempts.map((of) =>
      of === null ? { kind: 'skipped', reason: 'expired' } : outcomeOfDevices(of.map(({ outcome }) => outcome)),
    );
  }

  private sendToAll(devices: readonly DeviceRow[], deliveryId: string, push: FrozenPush): Promise<Attempt[]> {
    const theirs = devices.filter(({ person }) => person === push.person);
    return Promise.all(
      theirs.map(async (device) => {
        const outcome = await this.sender.send(device, push);
        // failpoint: push.answered
        return { deliveryId, subscriptionId: device.id, service: device.service, outcome };
      }),
    );
  }

  /** What cannot be kept is logged: a device that is gone says so at the next push as well. */
  private async record(attempts: readonly Attempt[]): Promise<void> {
    if (attempts.length === 0) return;
    try {
      await recordAttempts(this.database.background, attempts);
    } catch (error) {
      this.log.warn({ message: 'attempts of devices not recorded', attempts: attempts.length, error });
    }
  }
}
