import { MAX_EVENT_BYTES } from '@bellhop/contracts/events';
import { consumerName, type ServiceName, type StreamName } from '@bellhop/contracts/streams';
import { backoffMs } from '@bellhop/waiting';
import type { LoggerService } from '@nestjs/common';
import { BaseRpcContext, type CustomTransportStrategy, type MessageHandler, Server } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import { classify, explainFailure } from './classification.js';
import { decodeEvent } from './decode.js';
import type { Delivery } from './delivery.js';
import { describeError, InvalidEventError } from './errors.js';
import { EventContext, plainHeaders } from './event-context.js';
import { JETSTREAM } from './events-controller.js';
import { FailureCounts } from './failure-counts.js';
import { HealthGate } from './health-gate.js';
import type { NatsLink } from './nats-link.js';
import { type DeadLetterNote, Parking } from './parking.js';
import type { ParkingLimits } from './parking-quota.js';
import type { JetStreamPublisher } from './publisher.js';
import { Routes } from './routes.js';
import { RpcServer } from './rpc/rpc-server.js';
import { type Outcome, type Settlement, settle } from './settlement.js';
import { StreamConsumer } from './stream-consumer.js';

export interface JetStreamStrategyOptions {
  link: NatsLink;
  /** For dead letters. */
  publisher: JetStreamPublisher;
  /** Its durable consumer on each stream bears its name. */
  service: ServiceName;
  streams: readonly StreamName[];
  /** Events of one stream that handlers work on at one time. Default 500. */
  maxInFlight?: number;
  /** Larger ones are parked. Default: `MAX_EVENT_BYTES` of the contract. */
  maxEventBytes?: number;
  /** Is this error of the kind that passes by itself, such as a lost connection or a deadlock? */
  isTransientError: (error: unknown) => boolean;
  /** Does the database answer? Nothing is pulled until it does. */
  isHealthy: () => Promise<boolean>;
  log: LoggerService;
  /** Of each event that cannot be used, for metrics. */
  onDeadLetter?: (note: DeadLetterNote) => void;
  /** What one outside system may have parked in a day: of what it made unusable, and once more of what we failed on. Default 1,000 letters, 8 MiB. */
  parkingQuota?: ParkingLimits;
  /** Wait before a message is tried again: grows from `firstMs` to `maxMs`. Default 500 ms to 30 s. */
  retry?: { firstMs: number; maxMs: number };
}

const NO_ERRORS: readonly unknown[] = [];

/**
 * Nest transport that hands JetStream events to `@EventPattern` handlers and settles a message only after its handlers
 * have finished, and questions over core NATS to `@OnRpc` handlers. docs/adr/nest-strategy-and-errors.md tells why it does what it does.
 */
export class JetStreamStrategy extends Server implements CustomTransportStrategy {
  override readonly transportId = JETSTREAM;
  override readonly propagatesEventHandlerErrors = true;
  readonly #routes = new Routes<MessageHandler>();
  readonly #failures = new FailureCounts();
  readonly #consumers: StreamConsumer[];
  readonly #rpcServer: RpcServer;
  readonly #gate: HealthGate;
  readonly #unwatch: () => void;
  readonly #counts = { done: 0, handedBack: 0, parked: 0 };
  readonly #parking: Parking;

  constructor(private readonly options: JetStreamStrategyOptions) {
    super();
    this.#parking = new Parking(options);
    this.#gate = new HealthGate({
      isHealthy: options.isHealthy,
      onClose: (cause) => {
        options.log.warn(`handlers lack what they need (${describeError(cause)}): pulling stops until it answers`);
        this.#interrupt('not healthy');
      },
      onOpen: (ms) => options.log.log(`handlers have what they need again after ${Math.round(ms)} ms: pulling`),
    });
    this.#consumers = options.streams.map((stream) => this.#consumerOf(stream));
    this.#rpcServer = new RpcServer(options);
    this.#unwatch = options.link.watch({ onDisconnect: () => this.#interrupt('NATS was lost') });
  }

  /** Nest calls it when all handlers are known. Returns at once: NATS may be away, and that is no reason not to start. */
  listen(callback: () => void): void {
    for (const consumer of this.#consumers) consumer.start();
    this.#rpcServer.start();
    callback();
  }

  close(): Promise<void> {
    return this.drain();
  }

  on(): never {
    throw new Error('the JetStream strategy emits no events: ask problem()');
  }

  unwrap<T>(): T {
    return this.options.link.connection as T;
  }

  /** A sentence, or null when every consumer is bound. */
  problem(): string | null {
    return this.options.streams.map((stream) => this.problemOf(stream)).find((problem) => problem) ?? null;
  }

  /** A sentence for /readyz, or null when the consumer on this stream is bound. */
  problemOf(stream: StreamName): string | null {
    return this.#consumers[this.options.streams.indexOf(stream)]?.problem() ?? null;
  }

  /** A sentence about what does not work although events are handled, or null: dead letters that cannot be stored. */
  degraded(): string | null {
    return this.#parking.problem();
  }

  /** Events that handlers work on right now, for metrics. */
  get inFlight(): number {
    return this.#consumers.reduce((sum, consumer) => sum + consumer.inFlight, 0);
  }

  /** Deliveries settled since the start, for metrics. */
  get counts(): Readonly<{ done: number; handedBack: number; parked: number }> {
    return this.#counts;
  }

  /** Stops pulling and hearing questions, finishes what is in flight, hands back the rest, and sees the answers off. Safe to call twice. */
  async drain(): Promise<void> {
    await Promise.all([this.#rpcServer.drain(), ...this.#consumers.map((consumer) => consumer.drain())]);
    this.#gate.stop();
    this.#unwatch();
    await this.options.link.connection?.flush().catch(() => undefined);
  }

  /**
   * Nest would chain handlers of one pattern with `forkJoin`, which drops the second one when the first emits nothing
   * and stops watching it when the first fails. Here each is called and waited for by itself.
   */
  override addHandler(pattern: unknown, callback: MessageHandler, isEventHandler = false, extras = {}): void {
    callback.isEventHandler = isEventHandler;
    callback.extras = extras;
    if (!isEventHandler) {
      this.#rpcServer.add(this.normalizePattern(pattern as string), (request) => this.#ask(callback, request));
      return;
    }
    this.#routes.add(this.normalizePattern(pattern as string), callback);
    this.messageHandlers.set(this.normalizePattern(pattern as string), callback);
  }

  #consumerOf(stream: StreamName): StreamConsumer {
    return new StreamConsumer({
      link: this.options.link,
      gate: this.#gate,
      log: this.options.log,
      stream,
      consumer: consumerName(this.options.service),
      maxInFlight: this.options.maxInFlight ?? 500,
      handle: (delivery) => this.#handle(delivery),
    });
  }

  #interrupt(why: string): void {
    for (const consumer of this.#consumers) consumer.interrupt(why);
  }

  async #handle(delivery: Delivery): Promise<(latest: Delivery) => void> {
    const outcome = await this.#outcomeOf(delivery);
    const settlement = settle(outcome, this.#delayMs(delivery));
    if (settlement.action !== 'nak') this.#failures.forget(delivery.key);
    if (settlement.action === 'deadLetter') return this.#park(delivery, settlement);
    this.#counts[settlement.action === 'ack' ? 'done' : 'handedBack']++;
    // failpoint: settle.decided
    return settlement.action === 'ack' ? (latest) => latest.ack() : (latest) => latest.nak(settlement.delayMs);
  }

  async #outcomeOf(delivery: Delivery): Promise<Outcome> {
    const fault = classify(await this.#errorsOf(delivery), this.options.isTransientError);
    if (!fault) return { kind: 'done' };
    if (fault.kind === 'invalid') return { kind: 'invalid', reason: fault.error.reason, detail: fault.error.detail };
    const isHealthy = await this.#gate.check(fault.error);
    if (fault.kind === 'passing' && isHealthy)
      this.options.log.warn({
        message: `handing back ${delivery.subject}: ${describeError(fault.error)}`,
        ...delivery.position,
      });
    if (fault.kind === 'passing' || !isHealthy) return { kind: 'passing' };
    const failures = this.#failures.add(delivery.key);
    const detail = explainFailure(fault.error);
    this.options.log.error({
      message: `handling ${delivery.subject} failed (${failures}): ${detail}`,
      ...delivery.position,
      stack: fault.error instanceof Error ? fault.error.stack : undefined,
    });
    return { kind: 'failed', failures, detail };
  }

  /** Decodes, finds the handlers, runs them all at once, and waits for each to end. */
  async #errorsOf(delivery: Delivery): Promise<readonly unknown[]> {
    const handlers = this.#routes.match(delivery.subject);
    if (handlers.length === 0) return [this.#unknownSubject(delivery.subject)];
    try {
      const event = decodeEvent(delivery.data, this.options.maxEventBytes ?? MAX_EVENT_BYTES, plainHeaders(delivery));
      const context = new EventContext(delivery);
      const [first, ...others] = handlers as [MessageHandler, ...MessageHandler[]];
      // Nearly always there is one, and this is done for every event.
      if (others.length === 0) return await this.#run(first, event, context).then(() => NO_ERRORS);
      const results = await Promise.allSettled(handlers.map((handler) => this.#run(handler, event, context)));
      return results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    } catch (error) {
      return [error];
    }
  }

  /**
   * Runs one handler between Nest's processing hooks. `runWithProcessingHooks` gives back whatever the hook does, which
   * need not be a promise: so the end is told from inside.
   */
  #run(handler: MessageHandler, event: unknown, context: EventContext): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const work = async (end: () => void) => {
        try {
          // An error inside Nest arrives as an observable that errors: it has to be subscribed to.
          const result = this.transformToObservable(await handler(event, context));
          await lastValueFrom(result, { defaultValue: undefined });
          resolve();
        } catch (error) {
          reject(error);
        } finally {
          end();
        }
      };
      Promise.resolve(this.runWithProcessingHooks(context, work) as unknown).catch(reject);
    });
  }

  async #ask(handler: MessageHandler, request: unknown): Promise<unknown> {
    const answer = this.transformToObservable(await handler(request, new BaseRpcContext([])));
    return lastValueFrom(answer, { defaultValue: null });
  }

  #unknownSubject(subject: string): InvalidEventError {
    const known = this.#routes.patterns.join(', ') || 'none';
    const detail = `no event is taken on ${subject}: the subject's last token must be the name of an event type`;
    return new InvalidEventError('subject_mismatch', `${detail} (${this.options.service} takes ${known})`);
  }

  async #park(delivery: Delivery, why: Settlement & { action: 'deadLetter' }): Promise<(latest: Delivery) => void> {
    const end = await this.#parking.park(delivery, why);
    if (end === 'again') return (latest) => latest.nak(this.#delayMs(delivery));
    if (end === 'parked') this.#counts.parked++;
    return (latest) => latest.term();
  }

  #delayMs(delivery: Delivery): number {
    const growth = this.options.retry ?? { firstMs: 500, maxMs: 30_000 };
    return backoffMs(growth, delivery.position.deliveryCount);
  }
}
