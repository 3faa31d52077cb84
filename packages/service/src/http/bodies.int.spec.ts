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
import { postJson, sendRaw } from '../../test/raw-requests.js';
import { startTestService, type TestService } from '../../test/test-service.js';
import { Public } from '../identity/access.decorators.js';

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

  @Post(':id/of/:eventId')
  named(@Param('id') id: string, @Param('eventId') eventId: string) {
    return { id, eventId };
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

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ controllers: [ThingsController], imports: [AppModule] });
});
afterAll(() => service?.stop());

const send = (line: string, headers: readonly string[], body = '') => sendRaw(service.url, line, headers, body);
const post = (path: string, body: string) => postJson(service.url + path, body);

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
    expect(await send(route, [...headers, type], sent)).toEqual({ status, body });
  });

  it.each(['application/json', 'text/plain', null])(
    'that comes in chunks, of which there is none, of type %s',
    async (type) => {
      const headers = ['transfer-encoding: chunked', ...(type === null ? [] : [`content-type: ${type}`])];
      expect(await send('PUT /things/seen', headers, '0\r\n\r\n')).toEqual({ status: 200, body: { body: null } });
    },
  );

  it('is told what is missing where one is needed', async () => {
    for (const headers of [['content-type: application/json'], [], ['content-length: 0']]) {
      expect(await send('POST /things/wanted', headers)).toMatchObject({
        status: 422,
        body: { code: 'invalid_request', detail: 'The body is missing (object)' },
      });
    }
  });

  it('is not one that is another type than JSON, in chunks or whole', async () => {
    const refused = { status: 415, body: { code: 'unsupported_media_type' } };
    expect(await send('PUT /things/seen', ['content-type: text/plain', 'content-length: 2'], '{}')).toMatchObject(
      refused,
    );
    const chunked = ['content-type: text/plain', 'transfer-encoding: chunked'];
    expect(await send('PUT /things/seen', chunked, '2\r\n{}\r\n0\r\n\r\n')).toMatchObject(refused);
  });
});

describe('a body', () => {
  it('is read before the interceptors of an app look at it', async () => {
    await post('/things/any', '{"isAgain":true}');
    expect(seenBody).toEqual({ isAgain: true });
  });
});

describe('an id in a path', () => {
  it('is read in any case, and small from there on; ids of other systems stay as they are', async () => {
    const id = 'ABCDEF01-2345-4789-abcd-EF0123456789';
    const answer = await post(`/things/${id}/of/Event-7`, '');
    expect(answer.body).toEqual({ id: id.toLowerCase(), eventId: 'Event-7' });
  });
});
