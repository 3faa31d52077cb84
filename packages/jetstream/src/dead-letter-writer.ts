import { publisherOf } from '@bellhop/contracts/events';
import { OWN_SYSTEM } from '@bellhop/contracts/persons';
import type { DeadLetterReason, ServiceName } from '@bellhop/contracts/streams';
import type { LoggerService } from '@nestjs/common';
import { deadLetterOf, sizeOfLetter, withoutBody } from './dead-letter.js';
import { type Allowance, DEAD_LETTER_LIMITS, type DeadLetterLimits, DeadLetterQuota } from './dead-letter-quota.js';
import type { Delivery } from './delivery.js';
import { describeError } from './errors.js';
import type { NatsLink } from './nats-link.js';
import { PublishError, type PublishErrorCode } from './publish-errors.js';
import type { JetStreamPublisher, OutgoingMessage } from './publisher.js';

const FALLBACK_MAX_PAYLOAD_BYTES = 1024 * 1024;
/** Twice the longest delay between two tries. */
const PROBLEM_MS = 60_000;
const REPEAT_LOG_AFTER_MS = 60 * 60 * 1000;
/** Twice what a consumer may have unsettled. */
const MAX_WAITING = 10_000;
/** Deliveries of an outside system's event while dead letters cannot be stored for a moment: about a minute. */
const MAX_TRIES = 8;
/** Trying again within a minute would not help. */
const LASTING: readonly PublishErrorCode[] = ['stream_full', 'too_large'];

/** What became of an event that cannot be used. `kept`: how much of it can be read. */
export interface DeadLetterNote {
  system: string;
  reason: DeadLetterReason;
  kept: Allowance;
}

export interface DeadLetterWriterOptions {
  link: NatsLink;
  publisher: JetStreamPublisher;
  service: ServiceName;
  log: LoggerService;
  onDeadLetter?: (note: DeadLetterNote) => void;
  deadLetterQuota?: DeadLetterLimits;
}

interface Why {
  reason: DeadLetterReason;
  detail: string;
}

/**
 * Stores an event that cannot be used as a dead letter, before its original is terminated. Our own events, and those that we
 * failed on, are redelivered until they can be stored. What an outside system made unusable is not: it would hold capacity that
 * other systems' events need (security row S39), so after some tries it is only counted. Each outside system has two daily quotas.
 */
export class DeadLetterWriter {
  /** Apart, so that a system's junk takes nothing from the quota of its good events that we failed on. */
  private readonly unusable: DeadLetterQuota;
  private readonly failed: DeadLetterQuota;
  /** Allowances of events that wait to be stored, by the key of their delivery. */
  private readonly waiting = new Map<string, Allowance>();
  private readonly loggedAt = new Map<string, number>();
  private lastProblem: { text: string; atMs: number } | null = null;

  constructor(private readonly options: DeadLetterWriterOptions) {
    this.unusable = new DeadLetterQuota(options.deadLetterQuota ?? DEAD_LETTER_LIMITS);
    this.failed = new DeadLetterQuota(options.deadLetterQuota ?? DEAD_LETTER_LIMITS);
  }

  /** Each original that waits is redelivered within half a minute; if none was, the problem is over or nobody has it. */
  problem(): string | null {
    const isRecent = this.lastProblem && performance.now() - this.lastProblem.atMs < PROBLEM_MS;
    return isRecent ? (this.lastProblem?.text ?? null) : null;
  }

  /** @returns what to do with the original: terminate it when `stored` or `dropped`, have it redelivered on `retry` */
  async write(delivery: Delivery, why: Why): Promise<'stored' | 'dropped' | 'retry'> {
    const system = publisherOf(delivery.subject);
    const isFailure = why.reason === 'handler_failed';
    const whole = this.letterOf(delivery, why);
    // A second try of one event takes nothing from the quota.
    const granted = this.waiting.get(delivery.key);
    this.waiting.delete(delivery.key);
    const kept = granted ?? this.grant(system, isFailure, sizeOfLetter(whole));
    if (kept === 'dropped') return this.drop(system, why, 'quota of today used up');
    const letter = kept === 'whole' ? whole : withoutBody(whole, delivery.data.length);
    const [outcome] = await this.options.publisher.publish([letter]);
    if (outcome?.ok) {
      // failpoint: deadletter.published
      return this.stored(delivery, why, { system, reason: why.reason, kept });
    }
    const error = outcome?.error;
    const text = `dead letters cannot be stored: ${describeError(error)}`;
    this.lastProblem = { text, atMs: performance.now() };
    const code = error instanceof PublishError ? error.code : 'refused';
    const isOver = LASTING.includes(code) || delivery.position.deliveryCount >= MAX_TRIES;
    if (system !== OWN_SYSTEM && !isFailure && isOver) return this.drop(system, why, text);
    // The next try may be another replica's. Then what was granted here is cleared with the others.
    if (this.waiting.size >= MAX_WAITING) this.waiting.clear();
    this.waiting.set(delivery.key, kept);
    const message = 'dead letter not stored: event will be redelivered';
    this.logHourly(`waiting ${system} ${code}`, { message, error, subject: delivery.subject, ...delivery.position });
    return 'retry';
  }

  private grant(system: string, isFailure: boolean, bytes: number): Allowance {
    if (system === OWN_SYSTEM) return 'whole';
    return (isFailure ? this.failed : this.unusable).take(system, bytes, Date.now());
  }

  private letterOf(delivery: Delivery, { reason, detail }: Why): OutgoingMessage {
    const maxPayloadBytes = this.options.link.connection?.info?.max_payload ?? FALLBACK_MAX_PAYLOAD_BYTES;
    return deadLetterOf({ service: this.options.service, delivery, reason, detail, maxPayloadBytes });
  }

  private stored(delivery: Delivery, { reason, detail }: Why, note: DeadLetterNote): 'stored' {
    this.lastProblem = null;
    this.options.onDeadLetter?.(note);
    this.options.log.warn({
      message: `dead letter ${reason}: ${detail}`,
      subject: delivery.subject,
      ...delivery.position,
    });
    return 'stored';
  }

  private drop(system: string, { reason }: Why, cause: string): 'dropped' {
    this.options.onDeadLetter?.({ system, reason, kept: 'dropped' });
    const message = `dead letters of ${system} are only counted, no longer stored: ${cause}`;
    this.logHourly(`dropped ${system}`, { message, system, reason });
    return 'dropped';
  }

  /** An outside system must not fill the log either. */
  private logHourly(key: string, line: { message: string; [field: string]: unknown }): void {
    const now = performance.now();
    if (now - (this.loggedAt.get(key) ?? Number.NEGATIVE_INFINITY) < REPEAT_LOG_AFTER_MS) return;
    this.loggedAt.set(key, now);
    this.options.log.error(line);
  }
}
