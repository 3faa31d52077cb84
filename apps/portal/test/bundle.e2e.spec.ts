import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, waitFor } from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const BUNDLE = fileURLToPath(new URL('../bundle', import.meta.url));

// Away from the repository, as in an image: what is not in the bundle is not found.
describe('the portal as it is shipped', () => {
  let place: string;
  beforeAll(() => {
    place = mkdtempSync(join(tmpdir(), 'bellhop-portal-'));
    cpSync(BUNDLE, place, { recursive: true });
  });
  afterAll(() => rmSync(place, { recursive: true }));

  const start = (env: Record<string, string>): ChildProcess =>
    spawn(process.execPath, [join(place, 'dist/main.js')], { env, stdio: ['ignore', 'pipe', 'pipe'] });

  it('starts without the services and the provider, serves its pages, and stops in order', async () => {
    const [port, opsPort] = [await freePort(), await freePort()];
    const nowhere = 'http://127.0.0.1:1';
    const portal = start({
      PUBLIC_URL: 'https://support.example.com',
      HOST: '127.0.0.1',
      PORT: String(port),
      OPS_PORT: String(opsPort),
      TICKETS_URL: nowhere,
      NOTIFICATIONS_URL: nowhere,
      GUEST_AUTH_URL: nowhere,
      OIDC_ISSUER: nowhere,
      SESSION_KEY: Buffer.alloc(32, 9).toString('base64'),
    });
    const exited = once(portal, 'exit');
    await waitFor(async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).ok, { what: 'the portal' });
    for (const path of ['/', '/t/abc']) {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`);
      expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(await answer.text()).toContain('<html');
    }
    const away = await fetch(`http://127.0.0.1:${port}/api/tickets`);
    expect([away.status, await away.json()]).toEqual([503, expect.objectContaining({ code: 'service_unavailable' })]);
    portal.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  });

  it('says at once all that is wrong with its settings', async () => {
    const portal = start({ PUBLIC_URL: 'http://support.example.com', SESSION_KEY: 'short' });
    let said = '';
    portal.stderr?.setEncoding('utf8').on('data', (part) => (said += part));
    expect(await once(portal, 'exit')).toEqual([1, null]);
    for (const name of [
      'PUBLIC_URL',
      'TICKETS_URL',
      'NOTIFICATIONS_URL',
      'GUEST_AUTH_URL',
      'OIDC_ISSUER',
      'SESSION_KEY',
    ])
      expect(said).toContain(`  - ${name} `);
    expect(said).not.toContain('short');
  });
});
