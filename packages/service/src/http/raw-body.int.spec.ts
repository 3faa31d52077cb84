import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Body, Controller, Post } from '@nestjs/common';
import { startTestService, type TestService } from '../../test/test-service.js';
import { Public } from '../identity/access.decorators.js';
import { RawBody } from './body.decorators.js';

@Public()
@Controller()
class SignedController {
  @Post('raw')
  @RawBody()
  raw(@Body() body: Buffer | undefined) {
    return { hex: Buffer.isBuffer(body) ? body.toString('hex') : typeof body };
  }

  @Post('mail')
  @RawBody({ mediaTypes: ['message/rfc822', 'text/plain'] })
  mail(@Body() body: Buffer) {
    return { hex: body.toString('hex') };
  }

  @Post('read')
  read(@Body() body: unknown) {
    return { isBuffer: Buffer.isBuffer(body), body };
  }
}

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ controllers: [SignedController], bodyLimitBytes: 1_000 });
});
afterAll(() => service?.stop());

const post = (path: string, body?: string | Uint8Array, headers: Record<string, string> = {}) =>
  fetch(service.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body: body as string }),
  });

describe('a raw body', () => {
  it.each<[string, string | Uint8Array]>([
    ['white space', ' {\t"a" :\r\n 1 }\n'],
    ['escapes that need none', '{"a":"\\u0041\\/\\u00e9é"}'],
    ['numbers beyond what JavaScript holds', '{"a":10000000000000000000001,"b":1.0}'],
    ['one member twice', '{"a":1,"a":2}'],
    ['a member that would change a prototype', '{"__proto__":{"a":1}}'],
    ['what is no JSON', '{"a":'],
    ['what is no UTF-8', Uint8Array.of(0x7b, 0xff, 0x00, 0x7d)],
    ['a byte order mark', Uint8Array.of(0xef, 0xbb, 0xbf, 0x7b, 0x7d)],
  ])('keeps %s', async (_, body) => {
    const reply = await post('/raw', body);
    expect(await reply.json()).toEqual({ hex: Buffer.from(body).toString('hex') });
  });

  it('is a buffer without bytes when nothing was sent', async () => {
    expect(await (await post('/raw', '')).json()).toEqual({ hex: '' });
  });

  it('has the limits of every other body: size, media type, no compression', async () => {
    expect((await post('/raw', ' '.repeat(1_001))).status).toBe(413);
    expect((await post('/raw', '{}', { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await post('/raw', '{}', { 'content-encoding': 'gzip' })).status).toBe(415);
  });

  it.each(['message/rfc822', 'Text/Plain; charset=utf-8'])(
    'is of another type where the route says so: %s',
    async (type) => {
      expect(await (await post('/mail', 'A: b', { 'content-type': type })).json()).toEqual({ hex: '413a2062' });
    },
  );

  it.each(['application/json', 'text/html', 'text/plaintext'])('and of no other: %s', async (type) => {
    const reply = await post('/mail', '{}', { 'content-type': type });
    expect(reply.status).toBe(415);
    expect(await reply.json()).toMatchObject({ detail: 'Send message/rfc822 or text/plain.' });
  });

  it('is for the routes that ask for it; the others get what JSON says', async () => {
    expect(await (await post('/read', '{"a":1}')).json()).toEqual({ isBuffer: false, body: { a: 1 } });
    expect((await post('/read', '{"a":')).status).toBe(400);
  });
});
