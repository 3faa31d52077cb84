import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  Body,
  type CallHandler,
  Controller,
  Delete,
  type ExecutionContext,
  Injectable,
  Module,
  type NestInterceptor,
  Param,
  Post,
  Put,
} from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { z } from 'zod';
import { startTestService, type TestService } from '../../test/test-service.js';
import { Public, SignedIn } from '../identity/access.decorators.js';
import { LargeBody } from './body.decorators.js';

const thing = z.object({ name: z.string() });
const maybe = z.object({ name: z.string().optional() }).optional();
const withDefaults = z.object({ isDryRun: z.boolean().default(false) }).prefault({});

@Public()
@Controller('things')
class ThingsController {
  @Post('closing')
  close() {
    return { done: true };
  }

  @Put('seen')
  see(@Body({ schema: maybe }) body: unknown) {
    return { body: body ?? null };
  }

  @Post('replay')
  replay(@Body({ schema: withDefaults }) body: unknown) {
    return { body };
  }

  @Delete('one')
  remove() {
    return { done: true };
  }

  @Post('wanted')
  want(@Body({ schema: thing }) body: unknown) {
    return { body };
  }

  @Post('any')
  any(@Body() body: unknown) {
    return { length: JSON.stringify(body ?? null).length };
  }

  @Post('large')
  @LargeBody({ maxBytes: 200 * 1024 })
  large(@Body() body: unknown) {
    return { length: JSON.stringify(body ?? null).length };
  }

  @Post(':id/of/:eventId')
  named(@Param('id') id: string, @Param('eventId') eventId: string) {
    return { id, eventId };
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

/** What an interceptor of an app for all its routes saw last. */
let seenBody: unknown;

@Injectable()
class AppInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler) {
    seenBody = context.switchToHttp().getRequest<{ body: unknown }>().body;
    return next.handle();
  }
}

@Module({ providers: [{ provide: APP_INTERCEPTOR, useClass: AppInterceptor }] })
class AppModule {}

const KIBIBYTE = 1024;
const config = { OIDC_ISSUER: 'http://127.0.0.1:1', OIDC_AUDIENCE: 'bellhop' };
let service: TestService;
beforeAll(async () => {
  const controllers = [ThingsController, ClosedController];
  service = await startTestService({ controllers, imports: [AppModule], config });
});
afterAll(() => service?.stop());

interface RawAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** Sends just these headers, which `fetch` would add to. */
function sendRaw(line: string, headers: readonly string[], body = ''): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(service.url);
    let answer = '';
    const socket = connect(Number(port), hostname, () => {
      socket.write([`${line} HTTP/1.1`, 'host: a', 'connection: close', ...headers, '', body].join('\r\n'));
    });
    socket.setEncoding('utf8').on('data', (part) => (answer += part));
    socket.on('close', () => resolve(read(answer))).on('error', reject);
  });
}

function read(answer: string): RawAnswer {
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  const json = /\{.*\}/s.exec(body)?.[0] ?? '{}';
  return { status: Number(head.split(' ')[1]), body: JSON.parse(json) as Record<string, unknown> };
}

async function post(path: string, body: string, headers: Record<string, string> = {}): Promise<RawAnswer> {
  const init = { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } };
  const response = await fetch(service.url + path, init);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe('a request without a body', () => {
  const types = ['application/json', 'application/json; charset=utf-8', 'text/plain', 'nonsense', ''].map(
    (type) => `content-type: ${type}`,
  );
  const lengths: [string, string[], string][] = [
    ['no length', [], ''],
    ['the length 0', ['content-length: 0'], ''],
  ];
  const routes: [string, number, unknown][] = [
    ['POST /things/closing', 201, { done: true }],
    ['PUT /things/seen', 200, { body: null }],
    ['POST /things/replay', 201, { body: { isDryRun: false } }],
    ['DELETE /things/one', 200, { done: true }],
  ];
  const cases = routes.flatMap(([route, status, body]) =>
    lengths.flatMap(([what, headers, sent]) =>
      types.map((type) => [route, what, type, { headers, sent, status, body }] as const),
    ),
  );

  it.each(cases)('%s with %s and "%s" has none, whatever type it names', async (route, _what, type, expected) => {
    const { headers, sent, status, body } = expected;
    expect(await sendRaw(route, [...headers, type], sent)).toEqual({ status, body });
  });

  it.each(['application/json', 'text/plain', null])(
    'that comes in chunks, of which there is none, of type %s',
    async (type) => {
      const headers = ['transfer-encoding: chunked', ...(type === null ? [] : [`content-type: ${type}`])];
      expect(await sendRaw('PUT /things/seen', headers, '0\r\n\r\n')).toEqual({ status: 200, body: { body: null } });
    },
  );

  it('is told what is missing where one is needed', async () => {
    for (const headers of [['content-type: application/json'], [], ['content-length: 0']]) {
      expect(await sendRaw('POST /things/wanted', headers)).toMatchObject({
        status: 422,
        body: { code: 'invalid_request', detail: 'The body is missing (object)' },
      });
    }
  });

  it('is not one that is another type than JSON, in chunks or whole', async () => {
    const refused = { status: 415, body: { code: 'unsupported_media_type' } };
    expect(await sendRaw('PUT /things/seen', ['content-type: text/plain', 'content-length: 2'], '{}')).toMatchObject(
      refused,
    );
    const chunked = ['content-type: text/plain', 'transfer-encoding: chunked'];
    expect(await sendRaw('PUT /things/seen', chunked, '2\r\n{}\r\n0\r\n\r\n')).toMatchObject(refused);
  });
});

describe('a body', () => {
  it('is read before the interceptors of an app look at it', async () => {
    await post('/things/any', '{"isAgain":true}');
    expect(seenBody).toEqual({ isAgain: true });
  });
});

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
    expect(await sendRaw('POST /things/any', headers, `${chunks}0\r\n\r\n`)).toMatchObject({ status: 413 });
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
        (await sendRaw(`POST ${path}`, [`content-length: ${body.length}`, 'content-type: application/json'], body))
          .status,
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

describe('an id in a path', () => {
  it('is read in any case, and small from there on; ids of other systems stay as they are', async () => {
    const id = 'ABCDEF01-2345-4789-abcd-EF0123456789';
    const answer = await post(`/things/${id}/of/Event-7`, '');
    expect(answer.body).toEqual({ id: id.toLowerCase(), eventId: 'Event-7' });
  });
});
