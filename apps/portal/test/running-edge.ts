import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { parseConfig } from '@bellhop/http';
import { freePort } from '@bellhop/local-stack';
import { configSchema } from '../edge/config.js';
import { type RunningEdge, runEdge } from '../edge/run-edge.js';

/** An address where nobody listens. */
const NOWHERE = 'http://127.0.0.1:1';

export const SCRIPT = `console.log(${JSON.stringify('x'.repeat(2_000))});`;

const SITE: Record<string, string> = {
  'index.html': '<!doctype html><title>index</title>',
  'door.html': '<!doctype html><title>door</title>',
  'door.de.html': '<!doctype html><title>door de</title>',
  'door.zh-CN.html': '<!doctype html><title>door zh-CN</title>',
  'sw.js': 'self.addEventListener("push", () => undefined);',
  'manifest.webmanifest': '{"name":"Support"}',
  'assets/index-4f2a81c0.js': SCRIPT,
};

export interface TestEdge extends RunningEdge {
  /** Its `PUBLIC_URL`, on localhost: what pages name as their origin. */
  readonly origin: string;
}

/** The real edge in this process, on a port of its own, with a small site in place of the built one. */
export async function startEdge(settings: Record<string, string> = {}): Promise<TestEdge> {
  const folder = mkdtempSync(join(tmpdir(), 'bellhop-site-'));
  mkdirSync(join(folder, 'assets'));
  for (const [name, text] of Object.entries(SITE)) {
    writeFileSync(join(folder, name), text);
    writeFileSync(join(folder, `${name}.br`), brotliCompressSync(text));
    writeFileSync(join(folder, `${name}.gz`), gzipSync(text));
  }
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const config = parseConfig(configSchema, {
    PUBLIC_URL: origin,
    HOST: '127.0.0.1',
    PORT: String(port),
    OPS_PORT: '0',
    LOG_LEVEL: 'error',
    TICKETS_URL: NOWHERE,
    NOTIFICATIONS_URL: NOWHERE,
    GUEST_AUTH_URL: NOWHERE,
    OIDC_ISSUER: 'https://login.example.com',
    SESSION_KEY: randomBytes(32).toString('base64'),
    ...settings,
  });
  const edge = await runEdge(config, pathToFileURL(`${folder}/`));
  return {
    ...edge,
    origin,
    async stop() {
      await edge.stop();
      rmSync(folder, { recursive: true });
    },
  };
}
