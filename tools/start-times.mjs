// node tools/start-times.mjs [runs]: how long each app takes until /healthz answers, with no server in reach. Median of 10 runs.
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { SERVICES } from '../packages/contracts/dist/streams/index.js';
import { startApp } from '../packages/local-stack/dist/index.js';

const runs = Number(process.argv[2] ?? 10);
const key = randomBytes(32).toString('base64');
const env = {
  NATS_URL: 'nats://nobody:none@127.0.0.1:1',
  DATABASE_URL: 'postgres://nobody:none@127.0.0.1:1/none',
  OIDC_ISSUER: 'http://127.0.0.1:1',
  OIDC_AUDIENCE: 'bellhop',
  EMAIL_URL: 'smtp://127.0.0.1:1',
  EMAIL_FROM: 'support@example.test',
  ATTACHMENTS_FOLDER: tmpdir(),
  LOG_LEVEL: 'error',
  ...Object.fromEntries(['PAYLOAD_KEY', 'GUEST_AUTH_KEY', 'ERASURE_KEY'].map((name) => [name, key])),
};

for (const app of SERVICES) {
  const times = [];
  for (let run = 0; run < runs; run++) {
    const startedAt = performance.now();
    const running = await startApp({ app, env });
    times.push(Math.round(performance.now() - startedAt));
    await running.stop('SIGKILL');
  }
  times.sort((a, b) => a - b);
  console.log(`${app.padEnd(14)} ${times[Math.floor(times.length / 2)]} ms  (${times[0]} to ${times.at(-1)})`);
}
