import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Browser } from './browser.js';
import { codeIn, HelpDesk, hasCode, linkIn } from './help-desk.js';

const EMAIL = 'jana@example.com';

let desk: HelpDesk;
/** All that a guest was given, or has typed: what nobody else may find. */
const secrets = new Map<string, string>();
beforeAll(async () => {
  desk = await HelpDesk.start();
}, 120_000);
afterAll(() => desk?.stop(), 60_000);

describe('S5 a guest who files, proves, reads, is answered, and opens the link elsewhere', () => {
  it('gets in twice, by two codes', async () => {
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
    expect(secrets.size).toBe(7);
  }, 60_000);

  it('leaves none of it in a database, in whatever form', async () => {
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
    for (const { url } of Object.values(desk.apps))
      expect(found(await (await fetch(`${url}/metrics`)).text())).toEqual([]);
  });
});

/** Which of the secrets stand in a text, as they are, in hex, or in base64. */
function found(text: string): string[] {
  return [...secrets].filter(([, value]) => isIn(text, value)).map(([name]) => name);
}

function isIn(text: string, secret: string): boolean {
  const hex = Buffer.from(secret).toString('hex');
  // Six digits stand by chance in the fraction of a second, in a random id and in a port with something after it.
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
