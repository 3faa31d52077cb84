import { Logger } from '@nestjs/common';
import { ClientProxyFactory, Transport } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import { startOwnProcess } from '../own-process.js';
import type { Rival, RivalServers } from '../rival.js';

const WORKER = new URL('./textbook-process.js', import.meta.url);

/**
 * Nest alone, with its NATS transport: `emit()` here, `@EventPattern()` there. It is what https://docs.nestjs.com/microservices/nats
 * shows, so it is what most people write first. The page says that events use the publish and subscribe built into NATS: they reach
 * whoever listens at that moment, and nobody keeps them. With `queue`, one of several workers gets each event.
 */
export async function startTextbook(servers: RivalServers): Promise<Rival> {
  const startWorker = () =>
    startOwnProcess(WORKER, {
      NATS_URL: servers.natsUrl,
      DATABASE_URL: servers.databaseUrl,
      RESEND_BASE_URL: servers.resendBaseUrl,
      RESEND_API_KEY: servers.resendKey,
    });
  let worker = await startWorker();
  // The client logs every change of its connection, also intended ones.
  Logger.overrideLogger(['error', 'warn']);
  const client = ClientProxyFactory.create({ transport: Transport.NATS, options: { servers: [servers.natsUrl] } });
  await client.connect();
  return {
    name: 'textbook',
    async publish(events) {
      await Promise.all(
        events.map((event) => lastValueFrom(client.emit(event.type, event), { defaultValue: undefined })),
      );
    },
    unfinished: async () => 0,
    kill: () => worker.kill(),
    async resume() {
      worker = await startWorker();
    },
    async stop() {
      await client.close();
      await worker.dismiss();
    },
  };
}
