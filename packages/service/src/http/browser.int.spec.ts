import { BROWSER_COOKIE } from '@bellhop/contracts/http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Logger, type LoggerService, Post } from '@nestjs/common';
import { startTestService, type TestService } from '../../test/test-service.js';
import { CreateIdempotencyKeys } from '../idempotency/create-idempotency-keys.js';
import { RequiredIdempotencyKey } from '../idempotency/idempotency.decorators.js';
import type { IdempotentRequest } from '../idempotency/idempotent.js';
import { Public } from '../identity/access.decorators.js';
import { Browser, hashOfBrowser } from './browser.decorator.js';
import { ClientNetwork } from './client-network.js';

@Public()
@Controller('who')
class WhoController {
  @Post()
  who(@Browser() browser: string, @Browser() again: string, @ClientNetwork() network: string) {
    return { browser, isSame: browser === again, network };
  }

  @Post('once')
  once(@RequiredIdempotencyKey() request: IdempotentRequest) {
    return { principal: request.principal };
  }
}

const behind = (trustedProxies?: string[]) =>
  startTestService({
    controllers: [WhoController],
    migrations: [CreateIdempotencyKeys],
    config: { TRUSTED_PROXIES: trustedProxies },
  });

let direct: TestService;
let proxied: TestService;
beforeAll(async () => {
  [direct, proxied] = [await behind(), await behind(['127.0.0.0/8'])];
});
afterAll(() => Promise.all([direct?.stop(), proxied?.stop()]));

async function ask({ url }: TestService, headers: Record<string, string> = {}, path = '/who') {
  const response = await fetch(url + path, { method: 'POST', headers });
  const body = (await response.json()) as Record<string, unknown>;
  return { body, cookie: response.headers.get('set-cookie') };
}

describe('a browser', () => {
  it('is given a cookie once, and is known by it for long', async () => {
    const first = await ask(direct);
    expect(first.body).toMatchObject({ browser: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/), isSame: true });
    expect(first.cookie).toBe(
      `${BROWSER_COOKIE}=${first.body.browser}; Max-Age=34560000; Path=/; HttpOnly; Secure; SameSite=Lax`,
    );
    const second = await ask(direct, { cookie: `a=b; ${BROWSER_COOKIE}=${first.body.browser}` });
    expect(second).toEqual({ body: first.body, cookie: null });
  });

  it.each(['', 'x', 'a'.repeat(87), '%00'.repeat(20), 'ü'.repeat(30), '"', 'a b'])(
    'S27 with the broken cookie %j gets a new one',
    async (value) => {
      const { body, cookie } = await ask(direct, { cookie: `${BROWSER_COOKIE}=${encodeURIComponent(value)}` });
      expect(body.browser).toMatch(/^[A-Za-z0-9_-]{43}$/);
      expect(cookie).toContain(`${BROWSER_COOKIE}=${body.browser}`);
    },
  );

  it('owns its idempotency keys, by a hash of the cookie', async () => {
    const cookie = `${BROWSER_COOKIE}=${'b'.repeat(43)}`;
    const { body } = await ask(direct, { cookie, 'idempotency-key': 'k' }, '/who/once');
    expect(body).toEqual({ principal: `browser:${hashOfBrowser('b'.repeat(43))}` });
  });
});

describe('the network of a request', () => {
  const forwarded = { 'x-forwarded-for': '203.0.113.77' };

  it('S2 is that of the connection, whatever a header says', async () => {
    expect((await ask(direct, forwarded)).body.network).toBe('127.0.0.1/32');
  });

  it('S45 that nobody can read is one for all, which the log says once, and what it looks like', async () => {
    const lines: object[] = [];
    const keep = (line: object) => void lines.push(line);
    Logger.overrideLogger({ log: keep, warn: keep, error: keep } satisfies LoggerService);
    for (const client of ['jana-7.example:port', 'unknown']) {
      expect((await ask(proxied, { 'x-forwarded-for': client })).body.network).toBe('::/0');
    }
    Logger.overrideLogger(false);
    const message = expect.stringMatching(/TRUSTED_PROXIES forwards no address/);
    expect(lines.filter((line) => 'shape' in line)).toEqual([{ message, shape: 'aaaa-0.aaaaaaa:aaaa' }]);
  });

  it('S45 is what a trusted proxy says, with a port or without, and of several entries the last one that no trusted proxy has', async () => {
    expect((await ask(proxied, forwarded)).body.network).toBe('203.0.113.77/32');
    for (const client of ['203.0.113.77:50001', '"203.0.113.77:50001"', '[::ffff:203.0.113.77]:50001']) {
      expect((await ask(proxied, { 'x-forwarded-for': client })).body.network).toBe('203.0.113.77/32');
    }
    const forged = { 'x-forwarded-for': '198.51.100.1, 203.0.113.77, 127.0.0.9' };
    expect((await ask(proxied, forged)).body.network).toBe('203.0.113.77/32');
    const chained = { 'x-forwarded-for': '198.51.100.1, 203.0.113.77:50001, 127.0.0.9:50002' };
    expect((await ask(proxied, chained)).body.network).toBe('203.0.113.77/32');
  });
});
