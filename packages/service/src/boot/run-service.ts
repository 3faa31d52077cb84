import { isInbound, streams } from '@bellhop/contracts/streams';
import { jsonLogger, listen, localUrl, type Metrics, opsServer, type Readiness, stopOnSignals } from '@bellhop/http';
import { JetStreamStrategy } from '@bellhop/jetstream';
import { CreateOutbox, readBacklog } from '@bellhop/outbox';
import { isTransientError } from '@bellhop/postgres';
import { Logger } from '@nestjs/common';
import { ModulesContainer, NestFactory } from '@nestjs/core';
import type { MicroserviceOptions } from '@nestjs/microservices';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { Counter, Gauge } from 'prom-client';
import type { ServiceConfig } from '../config/service-config.js';
import { httpServer } from '../http/http-server.js';
import { checkRoutes } from '../identity/check-routes.js';
import { adaptiveCache } from '../metrics/adaptive-cache.js';
import { outboxEmptied } from './outbox-emptied.js';
import { rootModule } from './service.module.js';
import type { RunningService, ServiceDefinition } from './service-definition.js';
import { type ServiceParts, serviceParts } from './service-parts.js';

/**
 * Runs one service until a signal or `stop()`. HTTP listens first; Postgres and NATS may come later, and `/readyz` says what is missing.
 * Once both are there, events are consumed and the outbox is published.
 *
 * @throws StartUpError when a route does not say who may use it, or the port is taken
 */
export async function runService(definition: ServiceDefinition, config: ServiceConfig): Promise<RunningService> {
  const logger = jsonLogger(definition.name, { level: config.LOG_LEVEL });
  Logger.overrideLogger(logger);
  const parts = serviceParts(definition, config);
  const app = await createApp(definition, config, parts, logger);
  const strategy = connectStrategy(app, definition, parts);
  const ops = opsServer(parts.readiness, parts.metrics);
  const stopListening = stopOnSignals(parts.shutdown, new Logger('shutdown'));
  planShutdown(app, ops, parts, strategy, stopListening);
  tellReadiness(definition, parts, strategy);
  try {
    await listen((port, host) => app.listen(port, host), ops, config);
  } catch (error) {
    await parts.shutdown.run();
    throw error;
  }
  parts.database.start();
  parts.link.start();
  void startWork(app, definition, parts);
  const urls = { url: localUrl(app.getHttpServer()), opsUrl: localUrl(ops.server) };
  new Logger('service').log({ message: 'listening', ...urls });
  return { ...urls, stop: () => parts.shutdown.run() };
}

async function createApp(
  definition: ServiceDefinition,
  config: ServiceConfig,
  parts: ServiceParts,
  logger: ReturnType<typeof jsonLogger>,
): Promise<NestFastifyApplication> {
  const { openRequests, metrics, verifier } = parts;
  const { guestSessions, bodyLimitBytes } = definition;
  const adapter = httpServer({
    publicUrl: config.PUBLIC_URL,
    openRequests,
    metrics,
    ...(bodyLimitBytes && { bodyLimitBytes }),
    ...(config.TRUSTED_PROXIES && { trustedProxies: config.TRUSTED_PROXIES }),
  });
  const app = await NestFactory.create<NestFastifyApplication>(rootModule(definition, parts), adapter, {
    logger,
    // An error at start belongs to the caller; Nest would end the process.
    abortOnError: false,
    // Ours is stricter; Nest's would also parse form bodies.
    bodyParser: false,
  });
  checkRoutes(app.get(ModulesContainer), verifier !== undefined, guestSessions !== undefined);
  return app;
}

/** Null for a service that consumes no events. */
function connectStrategy(
  app: NestFastifyApplication,
  { name, consumes, maxInFlight }: ServiceDefinition,
  { link, publisher, database, metrics }: ServiceParts,
): JetStreamStrategy | null {
  if (consumes.length === 0) return null;
  const letters = new Counter({
    name: 'bellhop_dead_letters_total',
    help: 'Events that could not be used, by how much of them was kept: whole, without_body or dropped (only counted).',
    labelNames: ['system', 'reason', 'kept'] as const,
    registers: [metrics],
  });
  const strategy = new JetStreamStrategy({
    link,
    publisher,
    service: name,
    streams: consumes,
    isTransientError,
    isHealthy: () => database.isHealthy(),
    log: new Logger('jetstream'),
    onDeadLetter: (note) => letters.inc({ ...note }),
    ...(maxInFlight === undefined ? {} : { maxInFlight }),
  });
  // Without inheritAppConfig: guard, filter, pipe and interceptors of HTTP are not for events.
  app.connectMicroservice<MicroserviceOptions>({ strategy });
  return strategy;
}

function tellReadiness(definition: ServiceDefinition, parts: ServiceParts, strategy: JetStreamStrategy | null): void {
  const { readiness, metrics, database, link, relay } = parts;
  readiness.add('postgres', () => database.problem());
  readiness.add('nats', () => link.problem());
  measureDegraded(readiness, metrics);
  if (strategy) {
    for (const stream of definition.consumes) {
      const problem = () => strategy.problemOf(stream);
      // A service works without the events of other services, and without those of further outside systems.
      const isFurther = isInbound(stream) && stream !== 'INBOUND';
      if (streams[stream].owner === definition.name && !isFurther) readiness.add(`stream_${stream}`, problem);
      else readiness.addLesser(`stream_${stream}`, problem);
    }
    readiness.addLesser('dead_letters', () => strategy.degraded());
    tellFillRatio(parts);
    metrics.observe('bellhop_events_in_flight', 'Events being handled at this moment.', () => strategy.inFlight);
  }
  if (!definition.migrations.includes(CreateOutbox)) return;
  readiness.add('outbox', () => relay.problem());
  const backlog = adaptiveCache(() => readBacklog(database.background));
  metrics.observe('bellhop_outbox_unpublished', 'Events that were committed and not yet published.', async () =>
    database.isReady ? (await backlog()).count : null,
  );
  metrics.observe('bellhop_outbox_oldest_seconds', 'Age of the oldest event that is not yet published.', async () =>
    database.isReady ? (await backlog()).oldestSeconds : null,
  );
}

function tellFillRatio({ readiness, metrics, trimmer }: ServiceParts): void {
  if (trimmer.streams.length === 0) return;
  readiness.addLesser('inbound_room', () => trimmer.problem());
  new Gauge({
    name: 'bellhop_inbound_fill_ratio',
    help: 'How full a stream of outside systems is, from 0 to 1. From a half on, what is handled makes room; at 1, more is refused.',
    labelNames: ['stream'],
    registers: [metrics],
    collect() {
      for (const [stream, fill] of trimmer.fill) this.set({ stream }, fill);
    },
  });
}

function measureDegraded(readiness: Readiness, metrics: Metrics): void {
  new Gauge({
    name: 'bellhop_degraded',
    help: '1 while a part is missing without which the service goes on; the details of /readyz say what to do.',
    labelNames: ['what'],
    registers: [metrics],
    async collect() {
      const missing = new Set((await readiness.degraded()).map(({ name }) => name));
      for (const what of readiness.lesserNames) this.set({ what }, missing.has(what) ? 1 : 0);
    },
  });
}

function planShutdown(
  app: NestFastifyApplication,
  ops: FastifyInstance,
  parts: ServiceParts,
  strategy: JetStreamStrategy | null,
  stopListening: () => void,
): void {
  const { shutdown, readiness, relay, trimmer, housekeeping, openRequests, publisher, link, database } = parts;
  shutdown.add('stopTaking', 'readiness', () => readiness.stop());
  if (strategy) shutdown.add('consumers', 'consumers', () => strategy.drain());
  shutdown.add('workers', 'housekeeping', async () => {
    await Promise.all([housekeeping.stop(), trimmer.stop()]);
  });
  shutdown.add('streams', 'event streams', () => openRequests.endStreams());
  shutdown.add('requests', 'open requests', () => openRequests.refuseAndFinish());
  shutdown.add('relay', 'outbox relay', async () => {
    await outboxEmptied(parts);
    await relay.stop();
  });
  shutdown.add('http', 'http', () => app.close());
  shutdown.add('http', 'inner port', () => ops.close());
  shutdown.add('nats', 'nats', async () => {
    publisher.close();
    await link.close();
  });
  shutdown.add('database', 'database', async () => {
    await database.close();
    stopListening();
  });
}

/** Starts work as soon as everything it needs is there; the routes are served before. */
async function startWork(
  app: NestFastifyApplication,
  definition: ServiceDefinition,
  { database, link, relay, trimmer, housekeeping, shutdown }: ServiceParts,
): Promise<void> {
  await database.whenReady();
  if (shutdown.hasBegun) return;
  if (definition.migrations.includes(CreateOutbox)) relay.start();
  housekeeping.start();
  trimmer.start();
  await link.connected();
  if (!shutdown.hasBegun) await app.startAllMicroservices();
}
