import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Browser } from './browser.js';
import { codeIn, HelpDesk, hasCode, linkIn } from './help-desk.js';

const FORMS = 1_000;
const AT_ONCE = 20;
const VICTIM = 'victim@example.com';
const CANARY = 'buy-my-coins-8f31';
/** One mailbox, as somebody writes it who wants to get round a counter. */
const SPELLINGS = [
  VICTIM,
  'Victim@Example.COM',
  ' victim@example.com ',
  'victim+1@example.com',
  'VICTIM+x.y@example.com',
];

let desk: HelpDesk;
beforeAll(async () => {
  desk = await HelpDesk.start();
}, 120_000);
afterAll(() => desk?.stop(), 60_000);

/** Somebody behind an address of their own. */
const stranger = (n: number) => new Browser(`10.${n >> 8}.${n & 255}.9`);
const atVictim = async () =>
  (await desk.mailbox.mails()).filter(({ to }) =>
    to.some(({ address }) => /^victim(\+.*)?@example\.com$/i.test(address)),
  );

describe(`S1 ${FORMS.toLocaleString('en')} forms with one victim's address, from as many networks`, () => {
  let link: string;
  let victim: Browser;
  beforeAll(async () => {
    victim = new Browser('203.0.113.5');
    const { id } = await desk.fileAndProve(victim, VICTIM);
    await desk.reply(id, 'Here you are.');
    link = linkIn(await desk.mailTo(VICTIM, (mail) => linkIn(mail) !== '' && /repl/i.test(mail.subject)));
    await desk.mailbox.clear();
  }, 60_000);

  it('bring at most three mails, none with a word of the forms, and an answer that does not tell who is known', async () => {
    const statuses = new Map<number, number>();
    const retryAfter: string[] = [];
    let next = 0;
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let n = next++; n < FORMS; n = next++) {
          const { status, headers } = await stranger(n).ask('POST', `${desk.apps.tickets.url}/tickets`, {
            body: {
              category: 'promotions',
              subject: `${CANARY} ${n}`,
              body: `${CANARY} https://evil.example/${n}`,
              guest: { email: SPELLINGS[n % SPELLINGS.length] },
            },
          });
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
          if (status === 429) retryAfter.push(headers.get('retry-after') ?? '');
        }
      }),
    );
    console.log(Object.fromEntries(statuses));
    expect([...statuses.keys()].sort()).toEqual([201, 429]);
    expect(statuses.get(201)).toBeLessThanOrEqual(3);
    expect(retryAfter.filter((seconds) => !/^[1-9]\d*$/.test(seconds))).toEqual([]);
    const mails = await atVictim();
    expect(mails.length).toBeLessThanOrEqual(3);
    expect(mails.every(hasCode)).toBe(true);
    expect(JSON.stringify(await desk.mailbox.mails())).not.toMatch(/8f31|evil\.example/);
  }, 120_000);

  it('leave the victim the codes that they ask for themselves', async () => {
    await desk.mailbox.clear();
    const browser = new Browser('203.0.113.5');
    const guestAuth = desk.apps['guest-auth'].url;
    const { challengeId } = await browser.must('POST', `${guestAuth}/guest/challenges`, { body: { link } });
    await desk.prove(browser, challengeId, codeIn(await desk.mailTo(VICTIM, hasCode)));
  }, 30_000);

  it('are not on the desk', async () => {
    const { rows } = await desk.rows<{ status: string; count: number }>(
      'tickets',
      `select status, count(*)::int as count from tickets where subject like '%8f31%' group by status`,
    );
    expect(rows.map(({ status }) => status)).toEqual(rows.length === 0 ? [] : ['unverified']);
  });
});
