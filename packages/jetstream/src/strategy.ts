import { MAX_EVENT_BYTES } from '@bellhop/contracts/events';
import { consumerName, type ServiceName, type StreamName } from '@bellhop/contracts/streams';
import type { LoggerService } from '@nestjs/common';
import { BaseRpcContext, type CustomTransportStrategy, type MessageHandler, Server } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import { CircuitBreaker } from './circuit-breaker.js';
import type { DeadLetterLimits } from './dead-letter-quota.js';
import { type DeadLetterNote, DeadLetterWriter } from './dead-letter-writer.js';
import type { EventContext } from './event-context.js';
import { EventPipeline } from './event-pipeline.js';
import { JETSTREAM } from './events-controller.js';
import type { NatsLink } from './nats-link.js';
import type { JetStreamPublisher } from './publisher.js';
import { RpcServer } from './rpc/rpc-server.js';
import { StreamConsumer } from './stream-consumer.js';

export interface JetStreamStrategyOptions {
  link: NatsLink;
  /** For dead letters. */
  publisher: JetStreamPublisher;
  /** Names its durable consumer on each stream. */
  service: ServiceName;
  streams: readonly StreamName[];
  /** Events of one stream handled concurrently. Default 500. */
  maxInFlight?: number;
  /** Larger events become dead letters. Default: `MAX_EVENT_BYTES` of the contract. */
  maxEventBytes?: number;
  /** Does this error go away by itself, such as a lost connection or a deadlock? */
  isTransientError: (error: unknown) => boolean;
  /** Does the database answer? Nothing is pulled until it does. */
  isHealthy: () => Promise<boolean>;
  log: LoggerService;
  /** Called for each event that cannot be used, for metrics. */
  onDeadLetter?: (note: DeadLetterNote) => void;
  /** Dead letters per outside system and day: one quota for events it made unusable, another for events we failed on. Default 1,000 letters, 8 MiB. */
  deadLetterQuota?: DeadLetterLimits;
  /** Delay before a redelivery: grows from `firstMs` to `maxMs`. Default 500 ms to 30 s. */
  retry?: { firstMs: number; maxMs: number };
}

/**
 * Nest transport: JetStream events go to `@EventPattern` handlers, core NATS requests to `@OnRpc` handlers. A message is settled
 * only after its handlers have finished (`EventPipeline`). docs/adr/nest-strategy-and-errors.md gives the reasons.
 */
export class JetStreamStrategy extends Server implements CustomTransportStrategy {
  override readonly transportId = JETSTREAM;
  override readonly propagatesEventHandlerErrors = true;
  private readonly consumers: StreamConsumer[];
  private readonly rpcServer: RpcServer;
  private readonly breaker: CircuitBreaker;
  private readonly deadLetters: DeadLetterWriter;
  private readonly pipeline: EventPipeline;
  private readonly unwatch: () => void;

  constructor(private readonly options: JetStreamStrategyOptions) {
    super();
    this.deadLetters = new DeadLetterWriter(options);
    this.breaker = this.createBreaker();
    this.pipeline = new EventPipeline({
      ...options,
      maxEventBytes: options.maxEventBytes ?? MAX_EVENT_BYTES,
      retry: options.retry ?? { firstMs: 500, maxMs: 30_000 },
      breaker: this.breaker,
      deadLetters: this.deadLetters,
    });
    this.consumers = options.streams.map((stream) => this.consumerOf(stream));
    this.rpcServer = new RpcServer(options);
    this.unwatch = options.link.watch({ onDisconnect: () => this.interrupt('NATS connection lost') });
  }

  /** Nest calls it when all handlers are known. Returns at once; NATS may be away, the consumers start when it is there. */
  listen(callback: () => void): void {
    for (const consumer of this.consumers) consumer.start();
    this.rpcServer.start();
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
    return this.consumers[this.options.streams.indexOf(stream)]?.problem() ?? null;
  }

  /** A sentence about what does not work although events are handled, or null: dead letters that cannot be stored. */
  degraded(): string | null {
    return this.deadLetters.problem();
  }

  /** Events that handlers work on right now, for metrics. */
  get inFlight(): number {
    return this.consumers.reduce((sum, consumer) => sum + consumer.inFlight, 0);
  }

  /** Deliveries settled since the start, for metrics. */
  get counts(): Readonly<EventPipeline['counts']> {
    return this.pipeline.counts;
  }

  /** Stops pulling and taking requests, finishes what is in flight, returns the rest to the server, and flushes the acks. Safe to call twice. */
  async drain(): Promise<void> {
    await Promise.all([this.rpcServer.drain(), ...this.consumers.map((consumer) => consumer.drain())]);
    this.breaker.stop();
    this.unwatch();
    const { link, log } = this.options;
    await link.connection?.flush().catch((error) => {
      log.warn({ message: 'last acks not flushed, NATS connection lost: their events will be redelivered', error });
    });
  }

  /**
   * Nest would chain handlers of one pattern with `forkJoin`, which drops the second one when the first emits nothing
   * and stops watching it when the first fails. Here each is called and awaited by itself.
   */
  override addHandler(pattern: unknown, callback: MessageHandler, isEventHandler = false, extras = {}): void {
    callback.isEventHandler = isEventHandler;
    callback.extras = extras;
    const subject = this.normalizePattern(pattern as string);
    if (!isEventHandler) {
      this.rpcServer.add(subject, (request) => this.reply(callback, request));
      return;
    }
    this.pipeline.add(subject, (event, context) => this.run(callback, event, context));
    this.messageHandlers.set(subject, callback);
  }

  private createBreaker(): CircuitBreaker {
    const { isHealthy, log } = this.options;
    return new CircuitBreaker({
      isHealthy,
      onOpen: (error) => {
        log.warn({
          message: 'database unhealthy: consumers paused until it recovers',
          error,
          inFlight: this.inFlight,
        });
        this.interrupt('database unhealthy');
      },
      onClose: (ms) => log.log({ message: 'database healthy again: consumers resumed', pausedMs: Math.round(ms) }),
    });
  }

  private consumerOf(stream: StreamName): StreamConsumer {
    return new StreamConsumer({
      link: this.options.link,
      breaker: this.breaker,
      log: this.options.log,
      stream,
      consumer: consumerName(this.options.service),
      maxInFlight: this.options.maxInFlight ?? 500,
      handle: (delivery) => this.pipeline.handle(delivery),
    });
  }

  private interrupt(why: string): void {
    for (const consumer of this.consumers) consumer.interrupt(why);
  }

  /**
   * Runs one handler between Nest's processing hooks. `runWithProcessingHooks` returns whatever the hook returns, which need
   * not be a promise, so the promise for the handler's end is made here.
   */
  private run(handler: MessageHandler, event: unknown, context: EventContext): Promise<void> {
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

  private async reply(handler: MessageHandler, request: unknown): Promise<unknown> {
    const result = this.transformToObservable(await handler(request, new BaseRpcContext([])));
    return lastValueFrom(result, { defaultValue: null });
  }
}
