import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { wrong } from './guest.js';
import { type RunningGuestAuth, runningGuestAuth } from './running-guest-auth.js';

let app: RunningGuestAuth;
beforeAll(async () => {
  app = await runningGuestAuth({
    ...{ MAILS_PER_NETWORK: '5', MAILS_PER_INSTANCE: '10000' },
    ...{ CODE_TRIES_PER_NETWORK: '5', CODE_TRIES_PER_INSTANCE: '10000' },
  });
});
afterAll(() => app.stop());
beforeEach(() => app.forgetSpendings());

const hex = (value: number) => value.toString(16).padStart(2, '0');
/** At a domain of its own. */
const anywhere = () => `v@${randomUUID()}.example`;
const asks = (address: string) =>
  app
    .browser(address)
    .send('POST', '/guest/links', { number: 'ZZZZZZ', email: anywhere() })
    .then(({ status }) => status);
const files = (network: string) =>
  app
    .ask('openChallenge', {
      ...{
        purpose: 'filing',
        ticketId: randomUUID(),
        email: anywhere(),
        number: 'ABC123',
        browser: 'A'.repeat(43),
        network,
      },
    })
    .then(
      () => 'sent',
      ({ code }) => code,
    );

describe('S37 budgets of networks', () => {
  it.each<[string, number, (index: number) => string, string]>([
    ['/32 of IPv4', 5, () => '203.0.113.7', '203.0.113.8'],
    ['/24', 10, (n) => `203.0.113.${n}`, '203.0.114.7'],
    ['/16', 80, (n) => `203.0.${n}.7`, '203.1.113.7'],
    ['/64', 5, (n) => `2001:db8:1:101::${n + 1}`, '2001:db8:1:102::1'],
    ['/56', 10, (n) => `2001:db8:1:1${hex(n)}::1`, '2001:db8:1:201::1'],
    ['/48', 20, (n) => `2001:db8:1:${hex(n)}00::1`, '2001:db8:2:101::1'],
    ['/32 of IPv6', 80, (n) => `2001:db8:${hex(n)}::1`, '2001:db9:1:101::1'],
  ])('S37 of a %s are used up by %i mails, and what lies beside it has its own', async (_, max, address, beside) => {
    const statuses = [];
    for (let index = 0; index < max + 2; index += 1) statuses.push(await asks(address(index)));
    expect(statuses).toEqual([...Array(max).fill(202), 429, 429]);
    expect(await asks(beside)).toBe(202);
  });

  it('S37 leave the office behind one address what it needs, whatever others do in the same /24', async () => {
    for (let index = 0; index < 5; index += 1) expect(await asks('203.0.113.7')).toBe(202);
    expect(await asks('203.0.113.7')).toBe(429);
    for (let index = 0; index < 5; index += 1) expect(await asks('203.0.113.200')).toBe(202);
  });

  it('S37 count a /24 sent by an older replica of tickets together with the rest of that /24', async () => {
    for (let index = 0; index < 5; index += 1) expect(await files('203.0.113.0/24')).toBe('sent');
    expect(await files('203.0.113.0/24')).toBe('over_budget');
    for (let index = 0; index < 5; index += 1) expect(await files('203.0.113.7/32')).toBe('sent');
    expect(await files('203.0.113.8/32')).toBe('over_budget');
  });

  it('S7 S37 hold for wrong codes from the addresses of a /24, and a right one is let in all the same', async () => {
    const asked = await Promise.all(
      Array.from({ length: 3 }, async (_, index) => {
        const [ticket, browser] = [await app.ticket(), app.browser(`198.51.100.${index}`)];
        const { challengeId } = (await browser.open(ticket.link)).body;
        return { browser, challengeId, code: await app.neighbours.codeOf(challengeId) };
      }),
    );
    const [first, second, third] = asked as [(typeof asked)[0], (typeof asked)[0], (typeof asked)[0]];
    const guess = async ({ browser, challengeId, code }: typeof first) =>
      (await browser.verify(challengeId, wrong(code))).status;
    const statuses = [];
    for (let tries = 0; tries < 5; tries += 1) statuses.push(await guess(first), await guess(second));
    expect(statuses).toEqual(Array(10).fill(422));
    expect(await guess(third)).toBe(429);
    expect((await third.browser.verify(third.challengeId, third.code)).status).toBe(200);
  });

  it('checking the budget counts nothing, and refuses as soon as it is exhausted', async () => {
    const question = { purpose: 'filing', email: anywhere(), network: '203.0.113.7/32' } as const;
    for (let index = 0; index < 7; index += 1) expect(await app.ask('roomForCode', question)).toEqual({});
    for (let index = 0; index < 5; index += 1) expect(await files('203.0.113.7/32')).toBe('sent');
    await expect(app.ask('roomForCode', question)).rejects.toMatchObject({ code: 'over_budget' });
    expect((await app.database.query('select from spendings')).rowCount).toBe(5);
  });
});
