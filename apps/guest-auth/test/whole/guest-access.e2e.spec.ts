import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Browser } from './browser.js';
import { codeIn, HelpDesk, hasCode, linkIn } from './help-desk.js';

const EMAIL = 'Jana.Kowalska@example.com';
const FORMS = 1_000;
const FORMS_AT_ONCE = 20;
const VICTIM = 'victim@example.com';
const CANARY = 'buy-my-coins-8f31';
/** Spellings of one mailbox, to evade a budget. */
const SPELLINGS = [
  VICTIM,
  'Victim@Example.COM',
  ' victim@example.com ',
  'victim+1@example.com',
  'VICTIM+x.y@example.com',
];
const CODES = 100;
/** The goal on an idle machine is one second; this limit is for one that runs other tests as well. */
const BOUND_MS = 5_000;

let desk: HelpDesk;
/** All secrets that a guest received or typed: nobody else may find them. */
const secrets = new Map<string, string>();
beforeAll(async () => {
  desk = await HelpDesk.start();
});
afterAll(() => desk?.stop());

describe('S5 a guest who files, proves, reads, is answered, and opens the link elsewhere', () => {
  it('gets in twice, by two codes, with every mail at the address as it was typed', async () => {
    const { tickets, 'guest-auth': guestAuth } = desk.apps;
    const first = new Browser();
    const { id, challengeId } = await desk.file(first, EMAIL);
    const firstMail = await desk.mailTo(EMAIL, hasCode);
    secrets.set('first code', codeIn(firstMail));
    await first.ask('POST', `${guestAuth.url}/guest/challenges/${challengeId}/verification`, {
      body: { code: codeIn(firstMail) === '000000' ? '000001' : '000000' },
    });
    await desk.prove(first, challengeId, codeIn(firstMail));
    await first.must('GET', `${tickets.url}/tickets/${id}`);
    await desk.reply(id, 'Here you are.');
    const link = linkIn(await desk.mailTo(EMAIL, (mail) => linkIn(mail) !== '' && /repl/i.test(mail.subject)));
    secrets.set('link', link);
    const second = new Browser();
    const opened = await second.must('POST', `${guestAuth.url}/guest/challenges`, { body: { link } });
    const code = codeIn(await desk.mailTo(EMAIL, (mail) => hasCode(mail) && mail.id !== firstMail.id));
    secrets.set('second code', code);
    await desk.prove(second, opened.challengeId, code);
    expect((await second.must('GET', `${tickets.url}/tickets/${id}`)).messages).toHaveLength(2);
    await first.must('POST', `${guestAuth.url}/guest/links`, { body: { number: 'AAAAAA', email: EMAIL } });
    for (const [name, browser] of Object.entries({ first, second }))
      for (const [cookie, value] of browser.cookies) secrets.set(`${cookie} of the ${name} browser`, value);
    const mails = await desk.mailsTo(EMAIL);
    expect(mails.length).toBeGreaterThan(2);
    for (const { envelope } of mails) expect(envelope.to.map(({ address }) => address)).toEqual([EMAIL]);
    expect(secrets.size).toBe(7);
    // Makes sure that the search below finds what is there.
    expect(found(JSON.stringify(await desk.mailsTo(EMAIL)))).toEqual(['first code', 'link', 'second code']);
  });
});

describe('somebody who waits for a code', () => {
  it(`has it within a second, on an idle machine: ${CODES} people, one after the other`, async () => {
    const tookMs: number[] = [];
    for (let n = 0; n < CODES; n++) {
      const email = `person${n}@example.com`;
      const startedAt = performance.now();
      await desk.file(new Browser(`10.0.${n}.9`), email);
      await waitFor(async () => (await desk.mailsTo(email)).some(hasCode), { what: `the code of ${email}` });
      tookMs.push(performance.now() - startedAt);
      await desk.mailbox.clear();
    }
    tookMs.sort((a, b) => a - b);
    const at = (share: number) => Math.round(tookMs[Math.ceil(tookMs.length * share) - 1] as number);
    console.log(`asked → in the mailbox: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms`);
    expect(at(0.99)).toBeLessThan(BOUND_MS);
  });
});

describe(`S1 ${FORMS.toLocaleString('en')} forms with one victim's address, from as many networks`, () => {
  let link: string;
  let victim: Browser;
  beforeAll(async () => {
    victim = new Browser('203.0.113.5');
    const { id } = await desk.fileAndProve(victim, VICTIM);
    await desk.reply(id, 'Here you are.');
    link = linkIn(await desk.mailTo(VICTIM, (mail) => linkIn(mail) !== '' && /repl/i.test(mail.subject)));
    await desk.mailbox.clear();
  });

  it('bring at most three mails, none with a word of the forms, and an answer that does not tell who is known', async () => {
    const statuses = new Map<number, number>();
    const retryAfter: string[] = [];
    let next = 0;
    await Promise.all(
      Array.from({ length: FORMS_AT_ONCE }, async () => {
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
  });

  it('leave the victim the codes that they ask for themselves', async () => {
    await desk.mailbox.clear();
    const browser = new Browser('203.0.113.5');
    const guestAuth = desk.apps['guest-auth'].url;
    const { challengeId } = await browser.must('POST', `${guestAuth}/guest/challenges`, { body: { link } });
    await desk.prove(browser, challengeId, codeIn(await desk.mailTo(VICTIM, hasCode)));
  });

  it('are not on the desk', async () => {
    const { rows } = await desk.rows<{ status: string; count: number }>(
      'tickets',
      `select status, count(*)::int as count from tickets where subject like '%8f31%' group by status`,
    );
    expect(rows.map(({ status }) => status)).toEqual(rows.length === 0 ? [] : ['unverified']);
  });
});

describe('S5 after all of this, what a guest was given or has typed', () => {
  it('stands in no database, in whatever form', async () => {
    for (const app of Object.keys(desk.databases) as (keyof typeof desk.databases)[]) {
      const { rows: tables } = await desk.rows<{ name: string }>(
        app,
        `select quote_ident(table_name) as name from information_schema.tables
         where table_schema = 'public' and table_type = 'BASE TABLE'`,
      );
      expect(tables.length).toBeGreaterThan(5);
      for (const { name } of tables) {
        const { rows } = await desk.rows<{ row: string }>(app, `select t::text as row from ${name} t`);
        expect([app, name, found(rows.map(({ row }) => row).join('\n'))]).toEqual([app, name, []]);
      }
    }
  });

  it('nor in a file of a stream, where what was deleted may still lie', () => {
    const files = filesBelow(desk.nats.storeDir);
    expect(files.length).toBeGreaterThan(3);
    for (const file of files) expect([file, found(readFileSync(file, 'latin1'))]).toEqual([file, []]);
  });

  it('nor in a line that a process has written', () => {
    expect(desk.lines.length).toBeGreaterThan(20);
    expect(found(desk.lines.join('\n'))).toEqual([]);
  });

  it('nor in the metrics', async () => {
    for (const { opsUrl } of Object.values(desk.apps)) {
      const metrics = await (await fetch(`${opsUrl}/metrics`)).text();
      expect(metrics).toContain('bellhop_');
      expect(found(metrics)).toEqual([]);
    }
  });
});

/** A browser with an IP address of its own. */
const stranger = (n: number) => new Browser(`10.${n >> 8}.${n & 255}.9`);
const atVictim = async () =>
  (await desk.mailbox.mails()).filter(({ to }) =>
    to.some(({ address }) => /^victim(\+.*)?@example\.com$/i.test(address)),
  );

/** Which of the secrets a text contains: in plain text, in hex, or in base64. */
function found(text: string): string[] {
  return [...secrets].filter(([, value]) => isIn(text, value)).map(([name]) => name);
}

function isIn(text: string, secret: string): boolean {
  const hex = Buffer.from(secret).toString('hex');
  // Six digits also occur by chance: in fractions of a second, in random ids, in a port followed by digits.
  if (secret.length === 6) return new RegExp(`(?<![0-9a-f.:_-])${secret}(?![0-9a-f-])|${hex}`, 'i').test(text);
  const base64 = Buffer.from(secret).toString('base64').replace(/=+$/, '').slice(0, -1);
  const bytes = Buffer.from(secret, 'base64url');
  return [secret, hex, base64, bytes.toString('hex'), bytes.toString('base64')].some((form) => text.includes(form));
}

function filesBelow(folder: string): string[] {
  return (readdirSync(folder, { recursive: true }) as string[])
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}
