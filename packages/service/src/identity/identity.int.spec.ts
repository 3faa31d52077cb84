import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import { base64url, SignJWT } from 'jose';
import { undoAfterEach } from '../../test/after-each.js';
import { startTestService, type TestService } from '../../test/test-service.js';
import { AUDIENCE, startTokenIssuer, type TokenIssuer } from '../../test/token-issuer.js';
import { CurrentIdentity, Public, Roles, SignedIn } from './access.decorators.js';
import type { Identity } from './identity.js';

@Controller()
class PeopleController {
  @SignedIn()
  @Get('me')
  me(@CurrentIdentity() identity: Identity): Identity {
    return identity;
  }

  @Roles('agent', 'operator')
  @Get('desk')
  desk(): { ok: true } {
    return { ok: true };
  }

  @Public()
  @Get('open')
  open(): { ok: true } {
    return { ok: true };
  }
}

/** On the method wins over on the class. */
@Roles('operator')
@Controller('ops')
class OperatorsController {
  @Get('closed')
  closed(): { ok: true } {
    return { ok: true };
  }

  @Public()
  @Get('open')
  open(): { ok: true } {
    return { ok: true };
  }
}

const undo = undoAfterEach();
let issuer: TokenIssuer;
let service: TestService;
beforeAll(async () => {
  issuer = await startTokenIssuer();
  const config = { OIDC_ISSUER: issuer.issuer, OIDC_AUDIENCE: AUDIENCE };
  service = await startTestService({ controllers: [PeopleController, OperatorsController], config });
});
afterAll(async () => {
  await service.stop();
  await issuer.stop();
});

async function get(path: string, headers: Record<string, string> = {}) {
  const response = await fetch(service.url + path, { headers });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe('a signed-in person', () => {
  it('is who the token says', async () => {
    const claims = {
      email: 'ada@example.com',
      email_verified: true,
      locale: 'en',
      zoneinfo: 'Europe/Berlin',
      roles: ['agent'],
      admin: true,
    };
    expect(await get('/me', bearer(await issuer.token(claims)))).toMatchObject({
      status: 200,
      body: { subject: 'ada', email: 'ada@example.com', locale: 'en', timezone: 'Europe/Berlin', roles: ['agent'] },
    });
  });

  it('has no address that the provider calls unverified, and no roles that are not a list', async () => {
    const token = await issuer.token({ email: 'victim@example.com', email_verified: false, roles: 'agent' });
    expect((await get('/me', bearer(token))).body).toEqual({
      subject: 'ada',
      email: null,
      roles: [],
      expiresAt: expect.any(String),
    });
  });

  it('needs one of the named roles', async () => {
    expect(await get('/desk', bearer(await issuer.token()))).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    });
    expect(await get('/desk', bearer(await issuer.token({ roles: ['x', 'operator'] })))).toMatchObject({ status: 200 });
    expect(await get('/ops/closed', bearer(await issuer.token({ roles: ['agent'] })))).toMatchObject({ status: 403 });
  });
});

describe('a token that is not good', () => {
  const now = () => Math.floor(Date.now() / 1000);
  const cases: [string, () => Promise<string>][] = [
    ['has expired', () => issuer.token({ exp: now() - 60 })],
    ['never expires', () => issuer.token({ exp: undefined })],
    ['is not valid yet', () => issuer.token({ nbf: now() + 600 })],
    ['is for another audience', () => issuer.token({ aud: 'another' })],
    ['is of another issuer', () => issuer.token({ iss: 'https://evil.example' })],
    ['is an ID token', () => issuer.token({ nonce: 'n', at_hash: 'h' }, { typ: 'JWT' })],
    ['is of no named kind', () => issuer.token({}, { typ: undefined })],
    ['tells of a logout', () => issuer.token({ events: {} }, { typ: 'logout+jwt' })],
    ['names nobody', () => issuer.token({ sub: undefined })],
    ['names an empty subject', () => issuer.token({ sub: '' })],
    ['names a subject that is a number', () => issuer.token({ sub: 7 })],
    ['is signed with an unknown key', () => issuer.token({}, { kid: 'two' })],
    ['is signed by somebody else', async () => `${(await issuer.token()).split('.').slice(0, 2).join('.')}.AAAA`],
    ['is not signed', async () => unsigned(await issuer.token())],
    ['is signed with a shared secret', () => sharedSecret(issuer)],
    ['is no token', async () => 'letmein'],
  ];

  it.each(cases)('because it %s is refused with 401', async (_name, token) => {
    const { status, headers, body } = await get('/me', bearer(await token()));
    expect({ status, code: body.code }).toEqual({ status: 401, code: 'invalid_token' });
    expect(headers.get('www-authenticate')).toContain('error="invalid_token"');
  });

  it.each([
    ['no header', undefined],
    ['another scheme', 'Basic YWRhOmFkYQ=='],
    ['an empty token', 'Bearer '],
    ['two tokens', 'Bearer a b'],
  ])('or is missing (%s) asks to sign in', async (_name, authorization) => {
    const { status, headers, body } = await get('/me', authorization === undefined ? {} : { authorization });
    expect({ status, code: body.code }).toEqual({ status: 401, code: 'sign_in_required' });
    expect(headers.get('www-authenticate')).toBe('Bearer realm="bellhop"');
  });

  it('does not matter where nobody asks for one', async () => {
    expect(await get('/open', bearer('letmein'))).toMatchObject({ status: 200 });
    expect(await get('/ops/open')).toMatchObject({ status: 200 });
  });
});

describe('S44 other kinds of tokens', () => {
  it('S44 are taken where the settings name them, and an address of which nothing is said where they trust it', async () => {
    const lenient = await startTokenIssuer();
    undo(() => lenient.stop());
    const config = {
      OIDC_ISSUER: lenient.issuer,
      OIDC_AUDIENCE: AUDIENCE,
      OIDC_TOKEN_TYPES: ['jwt'],
      OIDC_TRUST_EMAIL: true,
    };
    const other = await startTestService({ controllers: [PeopleController], config });
    undo(() => other.stop());
    const me = async (claims: object, typ: string) => {
      const token = await lenient.token({ email: 'ada@example.com', ...claims }, { typ });
      return (await fetch(`${other.url}/me`, { headers: bearer(token) })).json();
    };
    expect(await me({}, 'JWT')).toMatchObject({ subject: 'ada', email: 'ada@example.com' });
    expect(await me({ email_verified: false }, 'JWT')).toMatchObject({ email: null });
    expect(await me({ nonce: 'n' }, 'JWT')).toMatchObject({
      code: 'invalid_token',
      detail: expect.stringMatching(/access/),
    });
    expect(await me({}, 'at+jwt')).toMatchObject({ code: 'invalid_token' });
    expect((await get('/me', bearer(await issuer.token({ email: 'ada@example.com' })))).body.email).toBeUndefined();
  });
});

describe('S28 identity headers', () => {
  it('are believed from nobody', async () => {
    for (const name of [
      'x-user',
      'x-user-id',
      'x-forwarded-user',
      'x-remote-user',
      'remote-user',
      'x-email',
      'x-roles',
    ]) {
      expect(await get('/me', { [name]: 'ada' })).toMatchObject({ status: 401 });
      const withToken = await get('/me', { [name]: 'agent', ...bearer(await issuer.token()) });
      expect(withToken.body).toEqual({ subject: 'ada', roles: [], expiresAt: expect.any(String) });
    }
  });
});

describe('the OpenID provider', () => {
  it('is asked for its keys once', async () => {
    const before = issuer.requests.length;
    for (let count = 0; count < 5; count += 1) await get('/me', bearer(await issuer.token()));
    expect(issuer.requests.length).toBe(before);
    expect(issuer.requests.filter((path) => path.endsWith('openid-configuration'))).toHaveLength(1);
  });

  it('may be away at start: 503 until it is back, then the token is good', async () => {
    const late = await startTokenIssuer();
    const port = Number(new URL(late.issuer).port);
    await late.stop();
    const other = await startTestService({
      controllers: [PeopleController],
      config: { OIDC_ISSUER: late.issuer, OIDC_AUDIENCE: AUDIENCE },
    });
    undo(() => other.stop());
    const ask = async (token: string) => fetch(`${other.url}/me`, { headers: bearer(token) });
    const refused = await ask(await late.token());
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await refused.json()).toMatchObject({ code: 'temporarily_unavailable' });
    const back = await startTokenIssuer(port);
    undo(() => back.stop());
    expect((await ask(await back.token())).status).toBe(200);
  });

  it('is not believed when it calls itself by another name', async () => {
    const other = await startTestService({
      controllers: [PeopleController],
      config: { OIDC_ISSUER: issuer.issuer.replace('127.0.0.1', 'localhost'), OIDC_AUDIENCE: AUDIENCE },
    });
    undo(() => other.stop());
    expect((await fetch(`${other.url}/me`, { headers: bearer(await issuer.token()) })).status).toBe(503);
  });
});

function unsigned(token: string): string {
  const [, payload] = token.split('.');
  return `${base64url.encode(JSON.stringify({ alg: 'none' }))}.${payload}.`;
}

/** The classic confusion: the public key taken as the secret of HS256. */
async function sharedSecret({ issuer: iss }: TokenIssuer): Promise<string> {
  const secret = new TextEncoder().encode(await (await fetch(`${iss}/keys`)).text());
  const claims = { iss, aud: AUDIENCE, sub: 'ada', exp: Math.floor(Date.now() / 1000) + 60 };
  return new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'one' }).sign(secret);
}
