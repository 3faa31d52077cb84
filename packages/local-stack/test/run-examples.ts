import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from '@jest/globals';

export const fromRoot = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

export function publish(nats: string, ...args: string[]): void {
  const env = { PATH: process.env.PATH, NATS_URL: nats };
  const said = execFileSync('bash', [fromRoot('examples/publish/publish.sh'), ...args], { env, encoding: 'utf8' });
  expect(said).toMatch(/^stored: /);
}

/** @returns what examples/push/push.mjs has printed */
export async function subscribeAndTry(dataDir: string): Promise<string> {
  const env = { PATH: process.env.PATH ?? '', BELLHOP: join(dataDir, 'up.json') };
  const args = [fromRoot('examples/push/push.mjs'), '--try', '--once'];
  return (await promisify(execFile)(process.execPath, args, { env })).stdout;
}

/** The rest of the line that begins with this name. */
export function printed(said: string, name: string): string {
  return new RegExp(`^  ${name} +(.+)$`, 'm').exec(said)?.[1] ?? '';
}
