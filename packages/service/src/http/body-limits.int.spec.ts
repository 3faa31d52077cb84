import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Body, Controller, Post } from '@nestjs/common';
import { z } from 'zod';
import { postJson, sendRaw } from '../../test/raw-requests.js';
import { startTestService, type TestService } from '../../test/test-service.js';
import { Public, SignedIn } from '../identity/access.decorators.js';
import { LargeBody } from './body.decorators.js';

const thing = z.object({ name: z.string() });

@Public()
@Controller('things')
class ThingsController {
  @Post('any')
  any(@Body() body: unknown) {
    return { length: JSON.stringify(body ?? null).length };
  }

  @Post('large')
  @LargeBody({ maxBytes: 200 * 1024 })
  large(@Body() body: unknown) {
    return { length: JSON.stringify(body ?? null).length };
  }
}

@SignedIn()
@Controller('closed')
class ClosedController {
  @Post()
  want(@Body({ schema: thing }) body: unknown) {
    return { body };
  }
}

const KIBIBYTE = 1024;
const config = { OIDC_ISSUER: 'http://127.0.0.1:1', OIDC_AUDIENCE: 'bellhop' };
let service: TestService;
beforeAll(async () => {
  service = await startTestService({ controllers: [ThingsController, ClosedController], config });
});
afterAll(() => service?.stop());

const send = (line: string, headers: readonly string[], body = '') => sendRaw(service.url, line, headers, body);
const post = (path: string, body: string) => postJson(service.url + path, body);

describe('the size of a body', () => {
  const ofSize = (bytes: number) => JSON.stringify('x'.repeat(bytes - 2));

  it('may be 128 KiB, and more where the route says so', async () => {
    expect((await post('/things/any', ofSize(128 * KIBIBYTE))).status).toBe(201);
    expect(await post('/things/any', ofSize(128 * KIBIBYTE + 1))).toMatchObject({
      status: 413,
      body: { code: 'body_too_large', detail: expect.stringContaining('131072 bytes'), maxBytes: 131_072 },
    });
    expect((await post('/things/large', ofSize(200 * KIBIBYTE))).status).toBe(201);
    expect((await post('/things/large', ofSize(200 * KIBIBYTE + 1))).status).toBe(413);
  });

  it('has room for the longest message, also when every character of it is escaped', async () => {
    const escaped = `"${'\\u6f22'.repeat(20_000)}"`;
    expect(await post('/things/any', `{"body":${escaped}}`)).toMatchObject({ status: 201 });
  });

  it('is counted where nobody announces it', async () => {
    const chunk = 'x'.repeat(64 * KIBIBYTE);
    const chunks = Array(3).fill(`10000\r\n${chunk}\r\n`).join('');
    const headers = ['content-type: application/json', 'transfer-encoding: chunked'];
    expect(await send('POST /things/any', headers, `${chunks}0\r\n\r\n`)).toMatchObject({ status: 413 });
  });
});

describe('S38 a body that is nested', () => {
  const arrays = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
  const objects = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;

  it.each([
    ['lists', arrays],
    ['objects', objects],
    ['both', (depth: number) => `${'[{"a":'.repeat(depth / 2)}1${'}]'.repeat(depth / 2)}`],
    ['objects behind text with brackets', (depth: number) => `{"b":"]]}}\\"]]}}","a":${objects(depth - 1)}}`],
  ])('S38 of %s may be 64 deep, and is refused from 66 on, before it is parsed', async (_what, nested) => {
    expect((await post('/things/any', nested(64))).status).toBe(201);
    for (const depth of [66, 10_000]) {
      expect(await post('/things/any', nested(depth))).toMatchObject({ status: 422, body: { code: 'body_too_deep' } });
    }
  });

  it('S38 is not one with many brackets in its texts, or side by side', async () => {
    for (const body of [
      JSON.stringify('['.repeat(1_000)),
      JSON.stringify(['"[{\\'.repeat(99)]),
      `[${Array(99).fill('[]')}]`,
    ]) {
      expect((await post('/things/any', body)).status).toBe(201);
    }
    // Cut off, so that only its depth could be wrong with it.
    expect(await post('/things/any', '['.repeat(65))).toMatchObject({ status: 422, body: { code: 'body_too_deep' } });
    expect(await post('/things/any', '['.repeat(64))).toMatchObject({ status: 400, body: { code: 'malformed_json' } });
  });
});

describe('S38 a megabyte without a token', () => {
  const MEBIBYTE = 1024 * KIBIBYTE;
  const MAX_CPU_MS = 20;
  const bodies: [string, string][] = [
    ['[', '['.repeat(MEBIBYTE)],
    ['{', '{'.repeat(MEBIBYTE)],
    ['nested lists', '['.repeat(MEBIBYTE / 2) + ']'.repeat(MEBIBYTE / 2)],
    [
      'empty objects',
      `[${Array(Math.floor(MEBIBYTE / 3))
        .fill('{}')
        .join(',')}]`,
    ],
    ['one string', JSON.stringify('x'.repeat(MEBIBYTE - 2))],
    [
      'many strings',
      `[${Array(Math.floor(MEBIBYTE / 4))
        .fill('"x"')
        .join(',')}]`,
    ],
  ];

  /** Of this process, sender and all, as the best of several rounds: the machine has others to work for. */
  async function leastCpuMs(path: string, body: string, status: number): Promise<number> {
    const rounds: number[] = [];
    for (let round = 0; round < 8; round++) {
      const before = process.cpuUsage();
      expect(
        (await send(`POST ${path}`, [`content-length: ${body.length}`, 'content-type: application/json'], body)).status,
      ).toBe(status);
      const { user, system } = process.cpuUsage(before);
      rounds.push((user + system) / 1_000);
    }
    return Math.min(...rounds);
  }

  it.each(bodies)('S38 of %s costs at most 20 ms of processor time, and is refused', async (_what, body) => {
    expect(await leastCpuMs('/closed', body, 401)).toBeLessThan(MAX_CPU_MS);
    expect(await leastCpuMs('/things/any', body, 413)).toBeLessThan(MAX_CPU_MS);
  });

  it('S38 nobody reads a body before its sender is known, however small or broken', async () => {
    for (const body of ['{"name":"a"}', '{', '']) expect((await post('/closed', body)).status).toBe(401);
  });
});
