import type { ServiceName } from '@bellhop/contracts/streams';
import { backoffMs } from '@bellhop/waiting';
import type { LoggerService } from '@nestjs/common';
import type { CircuitBreaker } from './circuit-breaker.js';
import { classify, explainFailure } from './classification.js';
import type { DeadLetterWriter } from './dead-letter-writer.js';
import { decodeEvent } from './decode.js';
import type { Delivery } from './delivery.js';
import { InvalidEventError } from './errors.js';
import { EventContext, plainHeaders } from './event-context.js';
import { FailureCounts } from './failure-counts.js';
import { Routes } from './routes.js';
import { MAX_FAILURES, type Outcome, type Settlement, settle } from './settlement.js';

/** Handles one decoded event. Its rejection is classified; it may be called again with the same event. */
export type EventHandler = (event: unknown, context: EventContext) => Promise<void>;

/** Settles a delivery with the server. `latest`: the newest delivery of the message, which is the one that the server waits for. */
export type Settle = (latest: Delivery) => void;

export interface EventPipelineOptions {
  service: ServiceName;
  maxEventBytes: number;
  isTransientError: (error: unknown) => boolean;
  /** Delay before a redelivery: grows from `firstMs` to `maxMs`. */
  retry: { firstMs: number; maxMs: number };
  breaker: Pick<CircuitBreaker, 'check'>;
  deadLetters: Pick<DeadLetterWriter, 'write'>;
  log: LoggerService;
}

const NO_ERRORS: readonly unknown[] = [];

/**
 * From one delivery to what the server is told about it: decode, run all matching handlers, classify their errors, decide
 * (`settlement.ts`), and store a dead letter where that was decided.
 */
export class EventPipeline {
  /** Deliveries since the start, by how they were settled. */
  readonly counts = { acked: 0, nakked: 0, deadLettered: 0 };
  private readonly routes = new Routes<EventHandler>();
  private readonly failures = new FailureCounts();

  constructor(private readonly options: EventPipelineOptions) {}

  add(pattern: string, handler: EventHandler): void {
    this.routes.add(pattern, handler);
  }

  /** Never rejects. */
  async handle(delivery: Delivery): Promise<Settle> {
    const outcome = await this.outcomeOf(delivery);
    const settlement = settle(outcome, this.delayMs(delivery));
    if (settlement.action !== 'nak') this.failures.forget(delivery.key);
    if (settlement.action === 'deadLetter') return this.deadLetter(delivery, settlement);
    this.counts[settlement.action === 'ack' ? 'acked' : 'nakked']++;
    // failpoint: settle.decided
    return settlement.action === 'ack' ? (latest) => latest.ack() : (latest) => latest.nak(settlement.delayMs);
  }

  private async outcomeOf(delivery: Delivery): Promise<Outcome> {
    const { breaker, isTransientError, log } = this.options;
    const fault = classify(await this.errorsOf(delivery), isTransientError);
    if (!fault) return { kind: 'done' };
    if (fault.kind === 'invalid') return { kind: 'invalid', reason: fault.error.reason, detail: fault.error.detail };
    const isHealthy = await breaker.check(fault.error);
    const ids = { subject: delivery.subject, ...delivery.position };
    if (fault.kind === 'transient' && isHealthy)
      log.warn({ message: 'transient error: event will be redelivered', error: fault.error, ...ids });
    if (fault.kind === 'transient' || !isHealthy) return { kind: 'transient' };
    const failures = this.failures.add(delivery.key);
    const detail = explainFailure(fault.error);
    const next = failures < MAX_FAILURES ? 'event will be redelivered' : 'event becomes a dead letter';
    log.error({ message: `event handler failed: ${next}`, error: fault.error, detail, failures, ...ids });
    return { kind: 'failed', failures, detail };
  }

  /** Decodes, runs all matching handlers concurrently, and waits for each to end. */
  private async errorsOf(delivery: Delivery): Promise<readonly unknown[]> {
    const handlers = this.routes.match(delivery.subject);
    if (handlers.length === 0) return [this.unknownSubject(delivery.subject)];
    try {
      const event = decodeEvent(delivery.data, this.options.maxEventBytes, plainHeaders(delivery));
      const context = new EventContext(delivery);
      const [first, ...others] = handlers as [EventHandler, ...EventHandler[]];
      // Hot path: nearly every subject has exactly one handler.
      if (others.length === 0) return await first(event, context).then(() => NO_ERRORS);
      const results = await Promise.allSettled(handlers.map((handler) => handler(event, context)));
      return results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    } catch (error) {
      return [error];
    }
  }

  private unknownSubject(subject: string): InvalidEventError {
    const known = this.routes.patterns.join(', ') || 'none';
    const detail = `no event is taken on ${subject}: the subject's last token must be the name of an event type`;
    return new InvalidEventError('subject_mismatch', `${detail} (${this.options.service} takes ${known})`);
  }

  private async deadLetter(delivery: Delivery, why: Settlement & { action: 'deadLetter' }): Promise<Settle> {
    const result = await this.options.deadLetters.write(delivery, why);
    if (result === 'retry') return (latest) => latest.nak(this.delayMs(delivery));
    if (result === 'stored') this.counts.deadLettered++;
    return (latest) => latest.term();
  }

  private delayMs(delivery: Delivery): number {
    return backoffMs(this.options.retry, delivery.position.deliveryCount);
  }
}
