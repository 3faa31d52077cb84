import { temporarilyUnavailable } from '@bellhop/http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Injectable, Post, Req } from '@nestjs/common';
import { PUBLIC_URL, startTestService, type TestService } from '../../test/test-service.js';
import { AUDIENCE, startTokenIssuer, type TokenIssuer } from '../../test/token-issuer.js';
import { OptionalSignIn, type RequestWithIdentity, Roles, SignedIn, SignedInOrGuest } from './access.decorators.js';
import { type GuestSession, GuestSessions } from './guest-sessions.js';

const JANA: GuestSession = { email: 'jana@example.com', ticketIds: [], expiresAt: '2999-01-01T00:00:00Z' };
const asked: string[] = [];

/** The app's part: it knows one cookie, and one that makes it fail. */
@Injectable()
class KnownSessions extends GuestSessions {
  async find(token: string, isUse = true): Promise<GuestSession | null> {
    asked.push(isUse ? token : `${token}, only looked at`);
    if (token === 'away') throw temporarilyUnavailable('Nobody can tell.');
    return token === 'jana' ? JANA : null;
  }
}

const who = ({ identity, guest }: RequestWithIdentity) => ({ user: identity?.subject, guest: guest?.email });

@Controller()
class PeopleController {
  @SignedInOrGuest()
  @Get('ticket')
  ticket(@Req() request: RequestWithIdentity) {
    return who(request);
  }

  @SignedInOrGuest({ isUse: false })
  @Get('stream')
  async stream(@Req() request: RequestWithIdentity) {
    return { before: request.guest?.email, now: (await request.guestNow?.())?.email };
  }

  @SignedInOrGuest()
  @Post('answers')
  answer(@Req() request: RequestWithIdentity) {
    return who(request);
  }

  @OptionalSignIn()
  @Post('filings')
  file(@Req() request: RequestWithIdentity) {
    return who(request);
  }

  @SignedIn()
  @Get('list')
  list(@Req() request: RequestWithIdentity) {
    return who(request);
  }

  @Roles('agent')
  @Get('desk')
  desk(@Req() request: RequestWithIdentity) {
    return who(request);
  }
}

let issuer: TokenIssuer;
let service: TestService;
beforeAll(async () => {
  issuer = await startTokenIssuer();
  const config = { OIDC_ISSUER: issuer.issuer, OIDC_AUDIENCE: AUDIENCE };
  service = await startTestService({ controllers: [PeopleController], config, guestSessions: KnownSessions });
});
afterAll(async () => {
  await service.stop();
  await issuer.stop();
});
beforeEach(() => void asked.splice(0));

const cookie = (value: string) => ({ cookie: `a=b; __Host-bellhop-guest=${value}; c=d` });
const bearer = async () => ({ authorization: `Bearer ${await issuer.token()}` });

async function ask(route: string, headers: Record<string, string> = {}) {
  const [method, path] = route.split(' ') as [string, string];
  const response = await fetch(service.url + path, { method, headers });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe('a guest with a session', () => {
  it('comes to routes that are for guests', async () => {
    for (const route of ['GET /ticket', 'POST /answers', 'POST /filings']) {
      expect(await ask(route, cookie('jana'))).toMatchObject({ body: { guest: 'jana@example.com' } });
    }
  });

  it('is only looked at by a route that pages call by themselves, and by what outlasts a request', async () => {
    await ask('GET /ticket', cookie('jana'));
    const { body } = await ask('GET /stream', cookie('jana'));
    expect(body).toEqual({ before: 'jana@example.com', now: 'jana@example.com' });
    expect(asked).toEqual(['jana', 'jana, only looked at', 'jana, only looked at']);
  });

  it.each(['GET /list', 'GET /desk'])('comes to no other (%s), and nobody is even asked who it is', async (route) => {
    expect(await ask(route, cookie('jana'))).toMatchObject({ status: 401, body: { code: 'sign_in_required' } });
    expect(asked).toEqual([]);
  });

  it('is nobody when the session is over, or when nobody can tell', async () => {
    const problem = { code: 'sign_in_required', detail: expect.stringContaining('prove the address') };
    expect(await ask('GET /ticket', cookie('another'))).toMatchObject({ status: 401, body: problem });
    expect(await ask('GET /ticket')).toMatchObject({ status: 401, body: problem });
    expect(await ask('GET /ticket', cookie('away'))).toMatchObject({ status: 503 });
    expect(await ask('POST /filings', cookie('another'))).toEqual({ status: 201, body: {} });
    expect(await ask('POST /filings')).toEqual({ status: 201, body: {} });
  });
});

describe('a token beside a cookie', () => {
  it('wins', async () => {
    for (const route of ['GET /ticket', 'POST /filings']) {
      expect((await ask(route, { ...cookie('jana'), ...(await bearer()) })).body).toEqual({ user: 'ada' });
    }
    expect(asked).toEqual([]);
  });

  it.each(['Bearer broken', 'Bearer ', 'Basic YWRhOmFkYQ==', ''])(
    'that is none (%j) is refused, and makes nobody the guest',
    async (authorization) => {
      for (const route of ['GET /ticket', 'POST /filings']) {
        expect(await ask(route, { ...cookie('jana'), authorization })).toMatchObject({ status: 401 });
      }
      expect(asked).toEqual([]);
    },
  );
});

describe('S29 a page of somebody else', () => {
  it.each(['https://evil.example', 'null', `${PUBLIC_URL}.evil.example`, PUBLIC_URL.replace('https', 'http')])(
    'from %s does nothing with a guest’s cookie',
    async (origin) => {
      for (const route of ['POST /answers', 'POST /filings']) {
        const refused = await ask(route, { ...cookie('jana'), origin });
        expect(refused).toMatchObject({ status: 403, body: { code: 'foreign_origin' } });
      }
      expect(asked).toEqual([]);
    },
  );

  it('is told from ours', async () => {
    expect((await ask('POST /answers', { ...cookie('jana'), origin: PUBLIC_URL })).status).toBe(201);
  });
});

describe('a route for guests in a service that knows none', () => {
  it('stops the start, named, with what to do', async () => {
    const config = { OIDC_ISSUER: issuer.issuer, OIDC_AUDIENCE: AUDIENCE };
    await expect(startTestService({ controllers: [PeopleController], config })).rejects.toMatchObject({
      code: 'guest_sessions_missing',
      message: expect.stringMatching(
        /PeopleController\.ticket, PeopleController\.stream, PeopleController\.answer are for guests/,
      ),
    });
  });
});
