import { type ServiceName, type StreamName, streams } from '@bellhop/contracts/streams';
import { type NatsServer, startNats, waitFor } from '@bellhop/local-stack';
import { type ConsumerConfig, type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { type NatsConnection, headers as newHeaders } from '@nats-io/nats-core';
import { type DynamicModule, type INestMicroservice, type LoggerService, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, Payload } from '@nestjs/microservices';
import {
  EventContext,
  EventsController,
  type JetStreamPlan,
  JetStreamPublisher,
  JetStreamStrategy,
  type JetStreamStrategyOptions,
  NatsLink,
  OnEvent,
  provisionJetStream,
} from '../src/index.js';

type LogLine = { level: string; message: string; [field: string]: unknown };

/** Keeps what was logged. */
export class Recorder implements LoggerService {
  readonly lines: LogLine[] = [];
  debug = (line: unknown) => this.record('debug', line);
  log = (line: unknown) => this.record('log', line);
  warn = (line: unknown) => this.record('warn', line);
  error = (line: unknown) => this.record('error', line);

  text(): string {
    return this.lines.map((line) => JSON.stringify(line, plainError)).join('\n');
  }

  private record(level: string, line: unknown): void {
    this.lines.push({ level, message: '', ...(typeof line === 'object' ? line : { message: String(line) }) });
  }
}

function plainError(_: string, value: unknown): unknown {
  return value instanceof Error ? `${value.name}: ${value.message}` : value;
}

const MIB = 1024 * 1024;

/** The real streams, with less room. */
export const small = (name: StreamName) => ({ ...streams[name], maxBytes: 64 * MIB });

/** A NATS server with a user who may do everything, and what was started against it; `stop` ends all of it. */
export class Bench {
  readonly log = new Recorder();
  private readonly cleanups: (() => Promise<unknown> | unknown)[] = [];
  private readonly gates: (() => void)[] = [];

  private constructor(
    readonly server: NatsServer,
    readonly adminLink: NatsLink,
    readonly admin: NatsConnection,
    readonly manager: JetStreamManager,
  ) {}

  static async start(): Promise<Bench> {
    const server = await startNats();
    const link = new NatsLink({ url: server.url, name: 'admin', log: () => undefined });
    link.start();
    const admin = await link.connected();
    return new Bench(server, link, admin, await jetstreamManager(admin));
  }

  async stop(): Promise<void> {
    for (const cleanup of this.cleanups.splice(0).reverse()) await cleanup();
    await this.adminLink.close();
    await this.server.stop();
  }

  /** Stops the server, until `resume`. */
  async down(how: 'pause' | 'kill'): Promise<void> {
    await this.server[how]();
    await waitFor(() => this.adminLink.connection === null);
  }

  async resume(): Promise<void> {
    await this.server.resume();
    await this.adminLink.connected();
  }

  /** Ends what one test started, and empties the server. */
  async reset(): Promise<void> {
    for (const open of this.gates.splice(0)) open();
    for (const cleanup of this.cleanups.splice(0).reverse()) await cleanup();
    this.log.lines.length = 0;
    for await (const { config } of this.manager.streams.list()) await this.manager.streams.delete(config.name);
  }

  /** A promise that a handler waits for, and the function that fulfils it. Opened at the end of the test in any case. */
  gate(): { opened: Promise<void>; open: () => void } {
    let open: () => void = () => undefined;
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    this.gates.push(open);
    return { opened, open };
  }

  after(cleanup: () => Promise<unknown> | unknown): void {
    this.cleanups.push(cleanup);
  }

  provision(plan: Partial<JetStreamPlan> = {}): Promise<string[]> {
    const all = [small('TICKETS'), small('INBOUND'), small('DEAD_LETTERS')];
    const consumers = [{ stream: 'TICKETS' as const, service: 'notifications' as const }];
    return provisionJetStream(this.admin, { streams: all, consumers, replicas: 1, apply: true, ...plan });
  }

  link(url = this.server.url, name = 'notifications'): NatsLink {
    const link = new NatsLink({ url, name, log: (line) => this.log.log(line) });
    link.start();
    this.after(() => link.close());
    return link;
  }

  publisher(link = this.link(), timeoutMs = 5_000): JetStreamPublisher {
    const publisher = new JetStreamPublisher({ link, timeoutMs });
    this.after(() => publisher.close());
    return publisher;
  }

  /** A microservice with this strategy and these controllers, listening. */
  async consume(controllers: Type[], options: Partial<JetStreamStrategyOptions> = {}) {
    const link = options.link ?? this.link();
    const strategy = new JetStreamStrategy({
      link,
      publisher: options.publisher ?? this.publisher(link),
      service: 'notifications',
      streams: ['TICKETS'],
      isTransientError: () => false,
      isHealthy: async () => true,
      log: this.log,
      retry: { firstMs: 20, maxMs: 100 },
      ...options,
    });
    const app = await listen(strategy, controllers);
    this.after(() => app.close());
    return { strategy, link, app };
  }

  /** Stored directly, as an outside system does. */
  async store(subject: string, data: unknown, headers: Record<string, string> = {}): Promise<void> {
    const body = typeof data === 'string' || data instanceof Uint8Array ? data : JSON.stringify(data);
    const encoded = newHeaders();
    for (const [name, value] of Object.entries(headers)) encoded.append(name, value);
    await this.admin.request(subject, body, { headers: encoded, timeout: 5_000 });
  }

  /** Many at once: `{n: 0}`, `{n: 1}`, … */
  async storeMany(subject: string, count: number): Promise<void> {
    for (let n = 0; n < count; n++) this.admin.publish(subject, JSON.stringify({ n }));
    await this.admin.flush();
    await waitFor(async () => (await this.manager.streams.info('TICKETS')).state.messages >= count);
  }

  async consumerInfo(stream: StreamName = 'TICKETS', service: ServiceName = 'notifications') {
    return await this.manager.consumers.info(stream, service);
  }

  /** Until nothing of the stream is left to deliver or to settle. */
  async settled(stream: StreamName = 'TICKETS', timeoutMs = 20_000): Promise<void> {
    await waitFor(
      async () => {
        const { state } = await this.manager.streams.info(stream);
        const { num_pending, num_ack_pending, ack_floor, config } = await this.consumerInfo(stream);
        // Right after a message was stored the two counts may not know of it yet; the floor cannot lie.
        const isFiltered = config.filter_subject !== undefined || config.filter_subjects !== undefined;
        const isAllSettled = isFiltered || ack_floor.stream_seq >= state.last_seq;
        return num_pending === 0 && num_ack_pending === 0 && isAllSettled;
      },
      { what: `${stream} to be settled`, timeoutMs },
    );
  }

  async deadLetters(count: number) {
    await waitFor(async () => (await this.manager.streams.info('DEAD_LETTERS')).state.messages >= count, {
      what: `${count} dead letters`,
    });
    const { state } = await this.manager.streams.info('DEAD_LETTERS');
    const letters = [];
    for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
      const stored = await this.manager.streams.getMessage('DEAD_LETTERS', { seq });
      if (stored) letters.push(stored);
    }
    return letters;
  }

  /** Makes the server wait less (or more) for an ack than provisioned. */
  async setAckWait(ms: number, stream: StreamName = 'TICKETS', service: ServiceName = 'notifications'): Promise<void> {
    await this.manager.consumers.update(stream, service, { ack_wait: ms * 1_000_000 } as Partial<ConsumerConfig>);
  }
}

/** A controller with one handler. */
export function handlerOf(subject: string, handle: (event: { n: number }, context: EventContext) => unknown): Type {
  @EventsController()
  class Handler {
    @OnEvent(subject)
    on(@Payload() event: { n: number }, @Ctx() context: EventContext) {
      return handle(event, context);
    }
  }
  return Handler;
}

async function listen(strategy: JetStreamStrategy, controllers: Type[]): Promise<INestMicroservice> {
  @Module({})
  class TestModule {}
  const module: DynamicModule = { module: TestModule, controllers };
  const app = await NestFactory.createMicroservice(module, { strategy, logger: false });
  await app.listen();
  return app;
}
