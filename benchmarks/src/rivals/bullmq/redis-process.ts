/**
 * Runs a Redis server with temporary data: `REDIS_SERVER_BIN` on `REDIS_PORT`. It is configured as BullMQ requires
 * (https://docs.bullmq.io/guide/going-to-production): everything is on disk a second later, and nothing is ever evicted.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { isReady } from '../own-process.js';

const folder = mkdtempSync(join(tmpdir(), 'bellhop-redis-'));
const place = ['--bind', '127.0.0.1', '--port', process.env.REDIS_PORT ?? '', '--dir', folder];
const promises = ['--appendonly', 'yes', '--appendfsync', 'everysec', '--maxmemory-policy', 'noeviction'];
const redis = spawn(process.env.REDIS_SERVER_BIN ?? '', [...place, ...promises], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
redis.once('exit', () => process.exit());
process.once('exit', () => {
  redis.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

createInterface({ input: redis.stdout }).on('line', (line) => {
  if (line.includes('Ready to accept connections')) isReady(() => redis.kill('SIGKILL'));
});
