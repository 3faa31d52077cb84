import { configFields, ownStreams, parseConfig, provisionService, runMain } from '@bellhop/service';
import { z } from 'zod';
import { consumes, migrations } from './notifications-service.js';

const schema = z.object({
  NATS_URL: configFields.NATS_URL,
  DATABASE_URL: configFields.DATABASE_URL,
  NATS_REPLICAS: configFields.NATS_REPLICAS,
  STREAM_MAX_BYTES: configFields.STREAM_MAX_BYTES,
});

await runMain(async () => {
  const config = parseConfig(schema);
  await provisionService({
    name: 'notifications',
    natsUrl: config.NATS_URL,
    databaseUrl: config.DATABASE_URL,
    migrations,
    streams: ownStreams('notifications', config.STREAM_MAX_BYTES),
    consumers: consumes.map((stream) => ({ stream, service: 'notifications' })),
    replicas: config.NATS_REPLICAS,
  });
});
