import { configFields, ownStreams, parseConfig, provisionService, runMain } from '@bellhop/service';
import { z } from 'zod';
import { consumes, migrations } from './tickets-service.js';

/** `NATS_URL` is that of a user who may create streams, other than the one the app runs as. */
const provisionConfig = z.object({
  NATS_URL: configFields.NATS_URL,
  DATABASE_URL: configFields.DATABASE_URL,
  NATS_REPLICAS: configFields.NATS_REPLICAS,
  STREAM_MAX_BYTES: configFields.STREAM_MAX_BYTES,
});

await runMain(async () => {
  const config = parseConfig(provisionConfig);
  await provisionService({
    name: 'tickets',
    natsUrl: config.NATS_URL,
    databaseUrl: config.DATABASE_URL,
    migrations,
    streams: ownStreams('tickets', config.STREAM_MAX_BYTES),
    consumers: consumes.map((stream) => ({ stream, service: 'tickets' })),
    replicas: config.NATS_REPLICAS,
  });
});
