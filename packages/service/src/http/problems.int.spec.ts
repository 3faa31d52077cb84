import { problem } from '@bellhop/contracts/http';
import { Problem } from '@bellhop/http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { z } from 'zod';
import { sendBytes } from '../../test/raw-requests.js';
import { PUBLIC_URL, startTestService, type TestService } from '../../test/test-service.js';
import { Public } from '../identity/access.decorators.js';

const thing = z.object({ name: z.string().max(5), guest: z.object({ email: z.email() }).optional() });
const page = z.object({ limit: z.coerce.number().int().min(1).default(10) });

@Public()
@Controller('things')
class ThingsController {
  @Post()
  create(@Body({ schema: thing }) body: z.output<typeof thing>) {
    return body;
  }

  @Get()
  list(@Query({ schema: page }) query: z.output<typeof page>) {
    return query;
  }

  @Get('broken')
  broken(): never {
    throw Object.assign(new Error('the password is hunter2'), { query: 'select secret' });
  }

  @Get('gone/:id')
  gone(@Param('id', { schema: z.uuid() }) id: string): never {
    throw new Problem(410, 'thing_gone', 'The thing is gone', `It was ${id}.`, { triesLeft: 2 });
  }
}

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ controllers: [ThingsController], bodyLimitBytes: 1_000 });
});
afterAll(() => service.stop());

async function send(path: string, init: RequestInit = {}) {
  const response = await fetch(service.url + path, init);
  const body = (await response.json()) as Record<string, unknown>;
  return { status: response.status, type: response.headers.get('content-type'), headers: response.headers, body };
}

const post = (body: string, headers: Record<string, string> = {}) =>
  send('/things', { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });

async function expectProblem(answer: Awaited<ReturnType<typeof send>>, status: number, code: string) {
  expect(answer).toMatchObject({ status, body: { status, code, type: 'about:blank', title: expect.any(String) } });
  expect(answer.type).toMatch(/^application\/problem\+json/);
  expect(problem.parse(answer.body)).toMatchObject({ code });
}

describe('problem documents', () => {
  it('carry what a Problem says', async () => {
    const answer = await send('/things/gone/8d3ea9a4-1c3f-4d43-a1a8-0a4f0c0f3b0e');
    await expectProblem(answer, 410, 'thing_gone');
    expect(answer.body).toMatchObject({ detail: 'It was 8d3ea9a4-1c3f-4d43-a1a8-0a4f0c0f3b0e.', triesLeft: 2 });
  });

  it('show nothing of an unknown error but an id', async () => {
    const answer = await send('/things/broken');
    await expectProblem(answer, 500, 'internal_error');
    expect(answer.body.instance).toMatch(/^urn:uuid:[0-9a-f-]{36}$/);
    expect(JSON.stringify(answer.body)).not.toMatch(/hunter2|select|at .*\.ts/);
  });

  it('say 404 for an unknown route without repeating it', async () => {
    const answer = await send('/nowhere/secret-token?code=123456');
    await expectProblem(answer, 404, 'not_found');
    expect(JSON.stringify(answer.body)).not.toMatch(/secret-token|123456/);
  });

  it.each(['/things/gone/%E0%A4%A', `/things/gone/${'x'.repeat(500)}`])(
    'say 404 for the path %.40s that never reaches a route',
    async (path) => {
      await expectProblem(await send(path), 404, 'not_found');
    },
  );

  it.each([
    ['{"name": ', 400, 'malformed_json'],
    ['', 422, 'invalid_request'],
    [' ', 400, 'malformed_json'],
    ['{"__proto__": {"admin": true}, "name": "a"}', 400, 'forbidden_member'],
    ['{"name": "a", "more": [{"constructor": {"prototype": {}}}]}', 400, 'forbidden_member'],
    ['{"name": "a"}, ""', 400, 'malformed_json'],
    [JSON.stringify({ name: 'x'.repeat(2_000) }), 413, 'body_too_large'],
  ])('refuse the body %#', async (body, status, code) => {
    await expectProblem(await post(body), status, code);
  });

  it('say of a member that could poison objects what it is, not that the body is no JSON', async () => {
    expect((await post('{"__proto__": {"admin": true}, "name": "a"}')).body).toMatchObject({
      title: 'The body has a member that is not allowed',
      detail: expect.stringContaining('__proto__'),
    });
  });

  it.each([
    'text/xml',
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json5',
    'application/problem+json',
    'nonsense',
  ])('refuse the media type %s', async (type) => {
    const answer = await send('/things', { method: 'POST', body: '{"name":"a"}', headers: { 'content-type': type } });
    await expectProblem(answer, 415, 'unsupported_media_type');
  });

  it('refuse a body without a media type', async () => {
    const answer = await send('/things', { method: 'POST', body: Buffer.from('{"name":"a"}') });
    await expectProblem(answer, 415, 'unsupported_media_type');
  });

  it.each(['gzip', 'br', 'identity, gzip', 'x'])('refuse a body that is encoded as %s', async (encoding) => {
    await expectProblem(
      await post('{"name":"a"}', { 'content-encoding': encoding }),
      415,
      'unsupported_content_encoding',
    );
  });

  it.each([
    ['half a character', Buffer.from([0x7b, 0x22, 0x6e, 0x61, 0x6d, 0x65, 0x22, 0x3a, 0x22, 0xc3, 0x22, 0x7d])],
    ['UTF-16', Buffer.from('{"name":"é"}', 'utf16le')],
    ['Latin 1', Buffer.from('{"name":"é"}', 'latin1')],
  ])('refuse %s, which is no UTF-8', async (_what, body) => {
    const answer = await send('/things', { method: 'POST', body, headers: { 'content-type': 'application/json' } });
    await expectProblem(answer, 400, 'malformed_json');
  });

  it.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON;charset=UTF-8'])(
    'are not needed for %s, plain or called identity',
    async (type) => {
      for (const encoding of [{}, { 'content-encoding': 'identity' }]) {
        const headers = { 'content-type': type, ...encoding };
        const answer = await send('/things', { method: 'POST', body: '\ufeff{"name":"Zoë"}', headers });
        expect(answer).toMatchObject({ status: 201, body: { name: 'Zoë' } });
      }
    },
  );

  it('name every wrong field of a body, and how to mend it', async () => {
    const answer = await post(JSON.stringify({ name: 'too long', guest: { email: 'nobody' } }));
    await expectProblem(answer, 422, 'invalid_request');
    expect(answer.body.errors).toEqual([
      { path: 'name', message: expect.stringMatching(/5 characters/) },
      { path: 'guest.email', message: expect.stringMatching(/email/i) },
    ]);
  });

  it('call a missing field missing', async () => {
    expect((await post('{}')).body.errors).toEqual([{ path: 'name', message: 'is missing (string)' }]);
    const answer = await send('/things', { method: 'POST' });
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ path: '' }] } });
  });

  it('say 400 for a wrong query or path, and name the parameter', async () => {
    const query = await send('/things?limit=0');
    await expectProblem(query, 400, 'invalid_request');
    expect(query.body.errors).toEqual([{ path: 'limit', message: expect.any(String) }]);
    const path = await send('/things/gone/7');
    await expectProblem(path, 400, 'invalid_request');
    expect(path.body.errors).toEqual([{ path: 'id', message: expect.any(String) }]);
  });

  it('leave good requests alone, with the values that the schema made', async () => {
    expect(await post('{"name":"a","extra":1}')).toMatchObject({ status: 201, body: { name: 'a' } });
    expect(await send('/things?limit=5')).toMatchObject({ status: 200, body: { limit: 5 } });
  });
});

describe('S29 a foreign page', () => {
  it.each(['https://evil.example', 'null', `${PUBLIC_URL}.evil.example`, 'http://support.example.com', ''])(
    'with Origin %j cannot use an unsafe method',
    async (origin) => {
      await expectProblem(await post('{"name":"a"}', { origin }), 403, 'foreign_origin');
    },
  );

  it('may read, and our own pages and scripts may write', async () => {
    expect((await send('/things', { headers: { origin: 'https://evil.example' } })).status).toBe(200);
    expect((await post('{"name":"a"}', { origin: PUBLIC_URL })).status).toBe(201);
    expect((await post('{"name":"a"}')).status).toBe(201);
  });

  it('is not let in by a Host header that agrees with it', async () => {
    const headers = {
      origin: 'https://evil.example',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
    };
    await expectProblem(await post('{"name":"a"}', headers), 403, 'foreign_origin');
  });
});

describe('every answer', () => {
  it('S5 is not to be cached, sniffed, framed or indexed, and leaks no referrer', async () => {
    for (const path of [
      '/things',
      '/nowhere',
      '/healthz',
      '/things/gone/%E0%A4%A',
      `/things/gone/${'x'.repeat(500)}`,
    ]) {
      const { headers } = await send(path);
      expect(Object.fromEntries(headers)).toMatchObject({
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'x-robots-tag': 'noindex',
        'content-security-policy': expect.stringContaining("default-src 'none'"),
      });
    }
  });
});

describe('a request that is no HTTP', () => {
  it.each([
    ['a line of nonsense', 'HELLO\r\n\r\n', 400, 'broken_request'],
    [
      'two lengths',
      'POST /things HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      400,
      'broken_request',
    ],
    ['two hosts', 'GET /things HTTP/1.1\r\nHost: a\r\nhost: b\r\nConnection: close\r\n\r\n', 400, 'broken_request'],
    ['headers of 20 kB', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'headers_too_large'],
  ])('%s is refused with a problem, as every other', async (_what, bytes, status, code) => {
    const [head = '', body = ''] = (await sendBytes(service.url, bytes)).split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(head.toLowerCase()).toContain('content-type: application/problem+json');
    expect(head.toLowerCase()).toContain('cache-control: no-store');
    expect(head.toLowerCase()).toContain('x-content-type-options: nosniff');
    expect(problem.parse(JSON.parse(body))).toMatchObject({ status, code });
    expect(head.toLowerCase()).toContain(`content-length: ${Buffer.byteLength(body)}`);
  });
});
