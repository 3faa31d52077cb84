import { Queue } from 'bullmq';
import { startOwnProcess } from '../own-process.js';
import type { Rival, RivalEvent, RivalServers } from '../rival.js';
import { JOB_OPTIONS, QUEUE } from './queue.js';
import { redisBinary, startRedis } from './redis.js';

const WORKER = new URL('./bullmq-process.js', import.meta.url);

/**
 * BullMQ on Redis: the queue that Nest's own page on queues recommends (https://docs.nestjs.com/techniques/queues). Jobs wait in Redis,
 * are tried again when they fail, and come back "about 30 seconds" after the worker that had them was killed
 * (https://docs.bullmq.io/guide/going-to-production). A job may therefore run twice, and has to bear it
 * (https://docs.bullmq.io/patterns/idempotent-jobs).
 */
export async function startBullmq(servers: RivalServers): Promise<Rival | { unavailable: string }> {
  const binary = redisBinary();
  if (!binary) {
    return { unavailable: 'No redis-server or valkey-server was found on the PATH; REDIS_SERVER_BIN may name one.' };
  }
  const redis = await startRedis(binary);
  const startWorker = () =>
    startOwnProcess(WORKER, {
      REDIS_PORT: String(redis.port),
      DATABASE_URL: servers.databaseUrl,
      RESEND_BASE_URL: servers.resendBaseUrl,
      RESEND_API_KEY: servers.resendKey,
    });
  let worker = await startWorker();
  const queue = new Queue<RivalEvent>(QUEUE, {
    connection: { host: '127.0.0.1', port: redis.port },
    defaultJobOptions: JOB_OPTIONS,
  });
  queue.on('error', console.error);
  return {
    name: 'bullmq',
    async publish(events) {
      await queue.addBulk(events.map((event) => ({ name: event.type, data: event })));
    },
    unfinished: () => queue.getJobCountByTypes('waiting', 'active', 'delayed'),
    kill: () => worker.kill(),
    async resume() {
      worker = await startWorker();
    },
    async stop() {
      await queue.close();
      await worker.dismiss();
      await redis.stop();
    },
  };
}
