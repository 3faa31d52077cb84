import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Param, Post } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { startTestService, type TestService } from '../../test/test-service.js';
import { AUDIENCE, startTokenIssuer, type TokenIssuer } from '../../test/token-issuer.js';
import { SignedIn } from '../identity/access.decorators.js';
import { CreateIdempotencyKeys } from './create-idempotency-keys.js';
import { OptionalIdempotencyKey, RequiredIdempotencyKey } from './idempotency.decorators.js';
import { type Answer, type IdempotentRequest, idempotent } from './idempotent.js';

let effects = 0;

@SignedIn()
@Controller('things/:id')
class ThingsController {
  constructor(private readonly dataSource: DataSource) {}

  @Post('required')
  required(@Param('id') id: string, @RequiredIdempotencyKey() request: IdempotentRequest): Promise<Answer> {
    return this.make(id, request);
  }

  @Post('honoured')
  honoured(@Param('id') id: string, @OptionalIdempotencyKey() request: IdempotentRequest | null): Promise<Answer> {
    return this.make(id, request);
  }

  private make(id: string, request: IdempotentRequest | null): Promise<Answer> {
    return this.dataSource.transaction((manager) =>
      idempotent(manager, request, async () => {
        effects += 1;
        return { status: 202, body: { id, effects } };
      }),
    );
  }
}

let issuer: TokenIssuer;
let service: TestService;
beforeAll(async () => {
  issuer = await startTokenIssuer();
  service = await startTestService({
    controllers: [ThingsController],
    migrations: [CreateIdempotencyKeys],
    config: { OIDC_ISSUER: issuer.issuer, OIDC_AUDIENCE: AUDIENCE },
  });
});
afterAll(async () => {
  await service.stop();
  await issuer.stop();
});

async function post(path: string, { key, body = {}, sub = 'ada' }: { key?: string; body?: unknown; sub?: string }) {
  const response = await fetch(service.url + path, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${await issuer.token({ sub })}`,
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
  });
  const replayed = response.headers.get('idempotent-replayed');
  return { status: response.status, replayed, body: (await response.json()) as Record<string, unknown> };
}

describe('Idempotency-Key', () => {
  it('with a body that is nested 4,000 deep is refused, not failed on', async () => {
    const body = JSON.parse(`{"x":${'['.repeat(4_000)}${']'.repeat(4_000)}}`) as unknown;
    expect(await post('/things/1/required', { key: 'deep', body })).toMatchObject({
      status: 422,
      body: { code: 'body_too_deep' },
    });
  });

  it('gives the same answer again, with its status, and says that it is the stored one', async () => {
    const first = await post('/things/1/required', { key: 'a' });
    const again = await post('/things/1/required', { key: 'a' });
    expect(first).toMatchObject({ status: 202, replayed: null, body: { id: '1' } });
    expect(again).toEqual({ ...first, replayed: 'true' });
  });

  it('does not give the answer of another path or another person', async () => {
    await post('/things/1/required', { key: 'b' });
    expect(await post('/things/2/required', { key: 'b' })).toMatchObject({ status: 422 });
    expect(await post('/things/1/required', { key: 'b', sub: 'jan' })).toMatchObject({ status: 202, replayed: null });
    expect(await post('/things/1/required', { key: 'b', body: { x: 1 } })).toMatchObject({
      status: 422,
      body: { code: 'idempotency_key_reused' },
    });
  });

  it('is asked for where it is required, and only there', async () => {
    expect(await post('/things/1/required', {})).toMatchObject({
      status: 400,
      body: { code: 'idempotency_key_required' },
    });
    const before = effects;
    await post('/things/1/honoured', {});
    await post('/things/1/honoured', {});
    expect(effects).toBe(before + 2);
    await post('/things/1/honoured', { key: 'c' });
    await post('/things/1/honoured', { key: 'c' });
    expect(effects).toBe(before + 3);
  });

  it.each([' ', 'a b', 'x'.repeat(201), 'ü'])('refuses the shape %j', async (key) => {
    const { status, body } = await post('/things/1/honoured', { key });
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'idempotency_key_invalid' });
  });
});
