import { isInbound, streams } from '@bellhop/contracts/streams';
import { Metrics, OpenRequests, Readiness, Shutdown } from '@bellhop/http';
import { JetStreamPublisher, NatsLink, RpcClient, StreamInspector, StreamTrimmer } from '@bellhop/jetstream';
import { CreateInbox, CreateOutbox, OutboxRelay, purgeInbox, purgeLedger } from '@bellhop/outbox';
import { dataSourceFor } from '@bellhop/postgres';
import { Logger } from '@nestjs/common';
import { Counter } from 'prom-client';
import type { ServiceConfig } from '../config/service-config.js';
import { Database } from '../database/database.js';
import { CreateIdempotencyKeys } from '../idempotency/create-idempotency-keys.js';
import { purgeIdempotencyKeys } from '../idempotency/purge-idempotency-keys.js';
import { TokenVerifier } from '../identity/token-verifier.js';
import { Housekeeping } from './housekeeping.js';
import type { ServiceDefinition } from './service-definition.js';

/** The long-lived objects of one process. */
export type ServiceParts = ReturnType<typeof serviceParts>;

/** Creates them; nothing connects yet. */
export function serviceParts(definition: ServiceDefinition, config: ServiceConfig) {
  const { name, migrations, entities, consumes } = definition;
  const natsLog = new Logger('nats');
  const databaseLog = new Logger('database');
  const pool = {
    service: name,
    url: config.DATABASE_URL,
    entities,
    poolSize: config.DATABASE_POOL_SIZE,
    onPoolError: (error: Error) => databaseLog.debug({ message: 'an idle connection was lost', error }),
  };
  const dataSource = dataSourceFor(pool);
  const background = dataSourceFor({ ...pool, hasGenericPlans: true });
  const database = new Database({ dataSource, background, url: config.DATABASE_URL, migrations });
  const link = new NatsLink({
    url: config.NATS_URL,
    name,
    log: (message, level, error) => natsLog[level === 'info' ? 'log' : level]({ message, error }),
  });
  const publisher = new JetStreamPublisher({ link });
  const metrics = new Metrics(name);
  const relay = relayFor(definition, { database, link, publisher, metrics });
  const housekeeping = housekeepingFor(definition, database);
  return {
    database,
    link,
    publisher,
    rpc: new RpcClient(link),
    relay,
    trimmer: new StreamTrimmer({
      link,
      service: name,
      streams: consumes.filter(isInbound),
      log: new Logger('jetstream'),
    }),
    housekeeping,
    readiness: new Readiness(),
    metrics,
    shutdown: new Shutdown(new Logger('shutdown')),
    openRequests: new OpenRequests(),
    verifier: verifierFor(config),
  };
}

/** Undefined for a service without settings of a sign-in: it has public routes only. */
function verifierFor(config: ServiceConfig): TokenVerifier | undefined {
  const { OIDC_ISSUER: issuer, OIDC_AUDIENCE: audience, OIDC_TOKEN_TYPES, OIDC_TRUST_EMAIL } = config;
  if (issuer === undefined || audience === undefined) return undefined;
  return new TokenVerifier({ issuer, audience, tokenTypes: OIDC_TOKEN_TYPES, trustsEmail: OIDC_TRUST_EMAIL });
}

function relayFor(
  { name, consumes }: ServiceDefinition,
  { database, link, publisher, metrics }: Pick<ServiceParts, 'database' | 'link' | 'publisher' | 'metrics'>,
): OutboxRelay {
  const rollbacks = new Counter({
    name: 'bellhop_stream_rollbacks_total',
    help: 'How often a stream had lost events that it had acknowledged, and was repaired.',
    registers: [metrics],
  });
  return new OutboxRelay({
    dataSource: database.background,
    writers: [database.dataSource, database.background],
    publisher,
    inspector: new StreamInspector(link),
    // The relay finds the streams of its own events itself.
    ownStreams: consumes.filter((stream) => streams[stream].owner === name),
    onRollback: () => rollbacks.inc(),
    log: new Logger('outbox'),
  });
}

/** The migrations of a service tell which tables it has. */
function housekeepingFor({ migrations }: ServiceDefinition, database: Database): Housekeeping {
  const housekeeping = new Housekeeping(database);
  if (migrations.includes(CreateOutbox)) housekeeping.add('outbox ledger', purgeLedger);
  if (migrations.includes(CreateInbox)) housekeeping.add('inbox', purgeInbox);
  if (migrations.includes(CreateIdempotencyKeys)) housekeeping.add('idempotency keys', purgeIdempotencyKeys);
  return housekeeping;
}
