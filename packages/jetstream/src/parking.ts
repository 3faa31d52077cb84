import { publisherOf } from '@bellhop/contracts/events';
import { OWN_SYSTEM } from '@bellhop/contracts/persons';
import type { DeadLetterReason, ServiceName } from '@bellhop/contracts/streams';
import type { LoggerService } from '@nestjs/common';
import { deadLetterOf, sizeOfLetter, withoutBody } from './dead-letter.js';
import type { Delivery } from './delivery.js';
import { describeError } from './errors.js';
import type { NatsLink } from './nats-link.js';
import { type Allowance, PARKING_LIMITS, type ParkingLimits, ParkingQuota } from './parking-quota.js';
import { PublishError, type PublishErrorCode } from './publish-errors.js';
import type { JetStreamPublisher, OutgoingMessage } from './publisher.js';

const FALLBACK_MAX_PAYLOAD_BYTES = 1024 * 1024;
/** Twice the longest wait between two tries. */
const PROBLEM_MS = 60_000;
const SAID_AGAIN_AFTER_MS = 60 * 60 * 1000;
/** Twice what a consumer may have unsettled. */
const MAX_WAITING = 10_000;
/** So often a stranger's event is delivered while dead letters are away for a moment: about a minute. */
const MAX_TRIES = 8;
/** Trying again within a minute would not help. */
const LASTING: readonly PublishErrorCode[] = ['stream_full', 'too_large'];

/** What became of an event that cannot be used. `kept`: how much of it there is to read. */
export interface DeadLetterNote {
  system: string;
  reason: DeadLetterReason;
  kept: Allowance;
}

export interface ParkingOptions {
  link: NatsLink;
  publisher: JetStreamPublisher;
  service: ServiceName;
  log: LoggerService;
  onDeadLetter?: (note: DeadLetterNote) => void;
  parkingQuota?: ParkingLimits;
}

interface Why {
  reason: DeadLetterReason;
  detail: string;
}

/**
 * Stores what cannot be used before the original goes. Our own events, and those that we failed on, wait until they can be stored.
 * What a stranger made unusable does not: it would hold a place that the events of others need (security row S39), so it is only counted then.
 * Of each outside system a share of each day is stored: one of what it made unusable, and one of what we failed on.
 */
export class Parking {
  /** Apart, so that a system's junk takes no place from those of its good events that we failed on. */
  readonly #ofUnusable: ParkingQuota;
  readonly #ofFailed: ParkingQuota;
  /** What was granted to events that wait to be parked, by the key of their delivery. */
  readonly #waiting = new Map<string, Allowance>();
  readonly #said = new Map<string, number>();
  #problem: { text: string; atMs: number } | null = null;

  constructor(private readonly options: ParkingOptions) {
    this.#ofUnusable = new ParkingQuota(options.parkingQuota ?? PARKING_LIMITS);
    this.#ofFailed = new ParkingQuota(options.parkingQuota ?? PARKING_LIMITS);
  }

  /** Each original that waits comes again within half a minute; if none does, the problem is over or nobody has it. */
  problem(): string | null {
    const isRecent = this.#problem && performance.now() - this.#problem.atMs < PROBLEM_MS;
    return isRecent ? (this.#problem?.text ?? null) : null;
  }

  async park(delivery: Delivery, why: Why): Promise<'parked' | 'dropped' | 'again'> {
    const system = publisherOf(delivery.subject);
    const isFailure = why.reason === 'handler_failed';
    const whole = this.#letterOf(delivery, why);
    // A second try of one event takes no second place.
    const granted = this.#waiting.get(delivery.key);
    this.#waiting.delete(delivery.key);
    const kept = granted ?? this.#grant(system, isFailure, sizeOfLetter(whole));
    if (kept === 'dropped') return this.#drop(system, why, 'has had its share of today');
    const letter = kept === 'whole' ? whole : withoutBody(whole, delivery.data.length);
    const [outcome] = await this.options.publisher.publish([letter]);
    if (outcome?.ok) {
      // failpoint: deadletter.published
      return this.#parked(delivery, why, { system, reason: why.reason, kept });
    }
    const text = `dead letters cannot be stored: ${describeError(outcome?.error)}`;
    this.#problem = { text, atMs: performance.now() };
    const code = outcome?.error instanceof PublishError ? outcome.error.code : 'refused';
    const isOver = LASTING.includes(code) || delivery.position.deliveryCount >= MAX_TRIES;
    if (system !== OWN_SYSTEM && !isFailure && isOver) return this.#drop(system, why, text);
    // Another replica may have it next. Then what was granted here is forgotten with the others.
    if (this.#waiting.size >= MAX_WAITING) this.#waiting.clear();
    this.#waiting.set(delivery.key, kept);
    this.#sayOnce(`waiting ${system} ${code}`, { message: text, subject: delivery.subject, ...delivery.position });
    return 'again';
  }

  #grant(system: string, isFailure: boolean, bytes: number): Allowance {
    if (system === OWN_SYSTEM) return 'whole';
    return (isFailure ? this.#ofFailed : this.#ofUnusable).take(system, bytes, Date.now());
  }

  #letterOf(delivery: Delivery, { reason, detail }: Why): OutgoingMessage {
    const maxPayloadBytes = this.options.link.connection?.info?.max_payload ?? FALLBACK_MAX_PAYLOAD_BYTES;
    return deadLetterOf({ service: this.options.service, delivery, reason, detail, maxPayloadBytes });
  }

  #parked(delivery: Delivery, { reason, detail }: Why, note: DeadLetterNote): 'parked' {
    this.#problem = null;
    this.options.onDeadLetter?.(note);
    this.options.log.warn({
      message: `dead letter ${reason}: ${detail}`,
      subject: delivery.subject,
      ...delivery.position,
    });
    return 'parked';
  }

  #drop(system: string, { reason }: Why, text: string): 'dropped' {
    this.options.onDeadLetter?.({ system, reason, kept: 'dropped' });
    const message = `dead letters of ${system} are not stored any more, only counted: ${text}`;
    this.#sayOnce(`dropped ${system}`, { message, system, reason });
    return 'dropped';
  }

  /** A stranger must not fill the log either. */
  #sayOnce(key: string, line: { message: string; [field: string]: unknown }): void {
    const now = performance.now();
    if (now - (this.#said.get(key) ?? Number.NEGATIVE_INFINITY) < SAID_AGAIN_AFTER_MS) return;
    this.#said.set(key, now);
    this.options.log.error(line);
  }
}
