import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { freePort } from '@bellhop/local-stack';
import { startOwnProcess } from '../own-process.js';

const PROCESS = new URL('./redis-process.js', import.meta.url);

export interface RedisServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** Where a Redis server, or Valkey, is on this machine: `REDIS_SERVER_BIN`, else the PATH. */
export function redisBinary(env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (env.REDIS_SERVER_BIN) return env.REDIS_SERVER_BIN;
  const folders = (env.PATH ?? '').split(delimiter);
  return ['redis-server', 'valkey-server']
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find(isExecutable);
}

export async function startRedis(binary: string): Promise<RedisServer> {
  const port = await freePort();
  const redis = await startOwnProcess(PROCESS, { REDIS_SERVER_BIN: binary, REDIS_PORT: String(port) });
  return { port, stop: () => redis.dismiss() };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
