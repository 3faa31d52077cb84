import { meResponse } from '@bellhop/contracts/http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type RunningTickets, runningTickets } from './running-tickets.js';

let tickets: RunningTickets;

beforeAll(async () => {
  tickets = await runningTickets();
});
afterAll(() => tickets?.stop());

const now = () => new Date().toISOString();

describe('whoever asks who they are', () => {
  it('as a customer learns the account and its language, and when the token ends', async () => {
    const answer = await (await tickets.as('ada@example.com')).get('/me');
    const me = meResponse.parse(answer.body);
    expect(me).toEqual({ kind: 'user', id: expect.any(String), locale: 'en', roles: [], expiresAt: me.expiresAt });
    expect(me.expiresAt > now()).toBe(true);
    expect(answer.headers.get('cache-control')).toContain('no-store');
  });

  it.each([
    ['agent@example.com', ['agent']],
    ['ops@example.com', ['operator']],
  ])('as %s learns the roles %j', async (email, roles) => {
    expect((await (await tickets.as(email)).get('/me')).body).toMatchObject({ roles });
  });

  it('as a guest learns the masked address, nothing of the tickets, and does not use the session', async () => {
    const id = '0199f3a0-2b1c-7b0a-8c55-6f0d2f7f1a90';
    const { cookie } = tickets.guestAuth.session('jana@example.com', [id]);
    const used = tickets.guestAuth.sessionsUsed;
    const { body } = await tickets.browser(cookie).get('/me');
    expect(meResponse.parse(body)).toEqual({
      ...{ kind: 'guest', address: 'j***@e***', locale: null, roles: [] },
      expiresAt: body.expiresAt,
    });
    expect(body.expiresAt > now()).toBe(true);
    expect(JSON.stringify(body)).not.toMatch(/jana|0199f3a0/);
    expect(tickets.guestAuth.sessionsUsed).toBe(used);
  });

  it('as nobody is asked to sign in', async () => {
    expect(await tickets.nobody.get('/me')).toMatchObject({ status: 401 });
  });
});
