import { isInbound, streams } from '@bellhop/contracts/streams';
import { JetStreamPublisher, NatsLink, RpcClient, StreamInspector, StreamTrimmer } from '@bellhop/jetstream';
import { CreateInbox, CreateOutbox, OutboxRelay, purgeInbox, purgeLedger } from '@bellhop/outbox';
import { dataSourceFor } from '@bellhop/postgres';
import { Logger } from '@nestjs/common';
import { Counter } from 'prom-client';
import { Database } from '../database/database.js';
import { Readiness } from '../health/readiness.js';
import { OpenRequests } from '../http/open-requests.js';
import { CreateIdempotencyKeys } from '../idempotency/create-idempotency-keys.js';
import { purgeIdempotencyKeys } from '../idempotency/purge-idempotency-keys.js';
import { Metrics } from '../metrics/metrics.js';
import { Housekeeping } from './housekeeping.js';
import type { ServiceDefinition } from './service-definition.js';
import { Shutdown } from './shutdown.js';

/** The long-lived objects of one process. */
export type ServiceParts = ReturnType<typeof serviceParts>;

/** Makes them; nothing connects yet. */
export function serviceParts(definition: ServiceDefinition) {
  const { name, natsUrl, databaseUrl, migrations, entities, consumes, databasePoolSize } = definition;
  const natsLog = new Logger('nats');
  const databaseLog = new Logger('database');
  const dataSource = dataSourceFor({
    service: name,
    url: databaseUrl,
    entities,
    onPoolError: (error) => databaseLog.debug({ message: 'an idle connection was lost', error }),
    ...(databasePoolSize === undefined ? {} : { poolSize: databasePoolSize }),
  });
  const database = new Database({ dataSource, url: databaseUrl, migrations });
  const link = new NatsLink({
    url: natsUrl,
    name,
    log: (message, level, error) => natsLog[level === 'info' ? 'log' : level]({ message, error }),
  });
  const publisher = new JetStreamPublisher({ link });
  const metrics = new Metrics(name);
  const relay = relayFor(definition, { dataSource, link, publisher, metrics });
  const housekeeping = housekeepingFor(definition, database);
  return {
    dataSource,
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
    shutdown: new Shutdown(),
    openRequests: new OpenRequests(),
  };
}

function relayFor(
  { name, consumes }: ServiceDefinition,
  { link, metrics, ...parts }: Pick<ServiceParts, 'dataSource' | 'link' | 'publisher' | 'metrics'>,
): OutboxRelay {
  const rollbacks = new Counter({
    name: 'bellhop_stream_rollbacks_total',
    help: 'How often a stream had lost events that it had acknowledged, and was repaired.',
    registers: [metrics],
  });
  return new OutboxRelay({
    ...parts,
    inspector: new StreamInspector(link),
    // The relay finds the streams of its own events by itself.
    ownStreams: consumes.filter((stream) => streams[stream].owner === name),
    onRollback: () => rollbacks.inc(),
    log: new Logger('outbox'),
  });
}

/** Which tables a service has is told by its migrations. */
function housekeepingFor({ migrations }: ServiceDefinition, database: Database): Housekeeping {
  const housekeeping = new Housekeeping(database);
  if (migrations.includes(CreateOutbox)) housekeeping.add('outbox ledger', purgeLedger);
  if (migrations.includes(CreateInbox)) housekeeping.add('inbox', purgeInbox);
  if (migrations.includes(CreateIdempotencyKeys)) housekeeping.add('idempotency keys', purgeIdempotencyKeys);
  return housekeeping;
}
