import {
  openChallengeResponse,
  revokeLinksResponse,
  verificationResponse,
  wrongCodeProblem,
} from '@bellhop/contracts/http';
import { rpcs } from '@bellhop/contracts/rpc';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { wrong } from './guest.js';
import { type RunningGuestAuth, runningGuestAuth } from './running-guest-auth.js';

let app: RunningGuestAuth;
beforeAll(async () => {
  app = await runningGuestAuth();
});
afterAll(() => app.stop());
beforeEach(() => app.forgetSpendings());

describe('S5 a link that was forwarded', () => {
  it('S5 shows whoever opens it a masked address, and nothing of the ticket', async () => {
    const ticket = await app.ticket();
    const answer = await app.browser().open(ticket.link);
    const shown = JSON.stringify([answer.body, [...answer.headers]]);
    for (const secret of [ticket.ticketId, ticket.number, ticket.email, ticket.link]) {
      expect(shown).not.toContain(secret);
    }
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('S5 is no identity: without the code it opens nothing, however often it is opened', async () => {
    const { ticket, browser, challengeId, code } = await app.codeSent();
    await browser.verify(challengeId, wrong(code));
    expect(browser.session).toBeUndefined();
    expect((await app.browser().open(ticket.link)).body).not.toHaveProperty('ticketId');
  });

  it('S5 a session of somebody else does not help: only that of the same address', async () => {
    const { browser, challengeId, code } = await app.codeSent();
    await browser.verify(challengeId, code);
    const stranger = await app.ticket();
    expect((await browser.open(stranger.link)).status).toBe(202);
    const session = await app.ask('readSession', { token: browser.session as string });
    expect(session?.ticketIds).not.toContain(stranger.ticketId);
  });
});

describe('S6 scanners', () => {
  const AGENTS = [
    'Mozilla/5.0 (compatible; Microsoft Office Protection)',
    'Barracuda Sentinel (EE)',
    'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)',
    'Mozilla/5.0 (compatible; Google-Safety; +http://www.google.com/bot.html)',
    'WhatsApp/2.23.20.0',
  ];

  it('S6 fifty GETs and HEADs of everything change nothing, and the link still works', async () => {
    const { ticket, browser, challengeId } = await app.codeSent();
    const [mails, versions] = [app.neighbours.codes.length, await rowVersions()];
    expect(versions.length).toBeGreaterThan(3);
    const paths = [
      `/guest/challenges?link=${ticket.link}`,
      `/guest/challenges/${ticket.link}`,
      `/guest/challenges/${challengeId}`,
      `/guest/challenges/${challengeId}/verification?code=123456`,
      `/guest/links?number=${ticket.number}&email=${ticket.email}`,
      '/guest/session',
      `/t/${ticket.link}`,
    ];
    for (let round = 0; round < 50; round += 1) {
      const headers = { 'user-agent': AGENTS[round % AGENTS.length] as string };
      const path = paths[round % paths.length] as string;
      const answer = await browser.send(round % 2 ? 'HEAD' : 'GET', path, undefined, { headers });
      expect([path, answer.status]).toEqual([path, 404]);
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
    expect([app.neighbours.codes.length, await rowVersions()]).toEqual([mails, versions]);
    expect((await app.browser().open(ticket.link)).status).toBe(202);
  });

  /** The version of every row: any write makes a new one, also one that changes no value. */
  async function rowVersions(): Promise<string[]> {
    const { rows: tables } = await app.database.query(
      `select quote_ident(table_name) as name from information_schema.tables
       where table_schema = 'public' and table_type = 'BASE TABLE' order by 1`,
    );
    const versions = await Promise.all(
      tables.map(({ name }) => app.database.query(`select xmin::text || ' ' || ctid::text as version from ${name}`)),
    );
    return versions.flatMap(({ rows }, index) => rows.map(({ version }) => `${tables[index].name} ${version}`)).sort();
  }
});

describe('S8 answers', () => {
  const schemas: [string, z.ZodType][] = [
    ['openChallengeResponse', openChallengeResponse],
    ['verificationResponse', verificationResponse],
    ['revokeLinksResponse', revokeLinksResponse],
    ['wrongCodeProblem', wrongCodeProblem],
    ['openChallenge', rpcs.openChallenge.response],
    ['readSession', rpcs.readSession.response],
    ['sendCode', rpcs.sendCode.response],
    ['sendLink', rpcs.sendLink.response],
  ];

  it.each(schemas)('S8 %s has no field for a code, a token or a link', (name, schema) => {
    const json = JSON.stringify(z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' }));
    const fields = [...json.matchAll(/"([A-Za-z]+)":\{/g)].map(([, field]) => field as string);
    const secret = fields.filter((field) => /^(code|otp|token|link|hash|mac|salt|session|browser)$/i.test(field));
    // A problem's `code` is a word for what went wrong.
    expect(secret).toEqual(name === 'wrongCodeProblem' ? ['code'] : []);
  });
});

describe('S28 identity headers', () => {
  it('S28 from anybody make nobody a guest', async () => {
    const { ticket } = await app.codeSent();
    const headers = {
      'x-guest': ticket.email,
      'x-user': ticket.email,
      'x-forwarded-email': ticket.email,
      'x-ticket-id': ticket.ticketId,
      authorization: `Bearer ${await app.token('ops@example.com')}`,
    };
    expect((await app.browser().open(ticket.link, { headers })).status).toBe(202);
  });
});
