import { type ServiceName, streams, streamsReadBy } from '@bellhop/contracts/streams';
import { configFields, integerField, parseConfig, runMain } from '@bellhop/http';
import { z } from 'zod';
import { ownStreams, streamMaxBytes } from './own-streams.js';
import { type ProvisionPlan, provisionService } from './provision-service.js';

/** `NATS_URL` has the user `provisioner`, who may create streams, not that of the app. */
const provisionConfig = z.object({
  NATS_URL: configFields.NATS_URL,
  DATABASE_URL: configFields.DATABASE_URL,
  NATS_REPLICAS: integerField({
    min: 1,
    max: 5,
    unit: 'copies',
    description: 'how many servers keep a copy of each stream; 3 in production',
    example: '3',
  }).default(1),
  STREAM_MAX_BYTES: streamMaxBytes,
});

/** The `provision` command of an app, with the settings that it reads from its environment. */
export function runProvision(name: ServiceName, { migrations }: Pick<ProvisionPlan, 'migrations'>): Promise<void> {
  return runMain(async () => {
    const config = parseConfig(provisionConfig);
    await provisionService({
      name,
      natsUrl: config.NATS_URL,
      databaseUrl: config.DATABASE_URL,
      migrations,
      streams: ownStreams(name, config.STREAM_MAX_BYTES),
      consumers: consumersOf(name),
      replicas: config.NATS_REPLICAS,
    });
  });
}

/** The consumers of all readers on its own streams, and its own on the streams of others. */
function consumersOf(name: ServiceName): ProvisionPlan['consumers'] {
  const onOwn = Object.values(streams)
    .filter(({ owner }) => owner === name)
    .flatMap((stream) => stream.readers.map((service) => ({ stream: stream.name, service })));
  const onOthers = streamsReadBy(name).filter((stream) => streams[stream].owner !== name);
  return [...onOwn, ...onOthers.map((stream) => ({ stream, service: name }))];
}
