import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { findChromium } from './chromium.js';
import { type RunningBellhop, runBellhop } from './running-bellhop.js';

const executablePath = findChromium(process.env);
if (!executablePath) {
  console.log('journeys in a browser: left out; install Chromium, or name one in CHROMIUM_BIN');
}

const PHONE: BrowserContextOptions = { viewport: { width: 390, height: 780 }, hasTouch: true };
const DESK: BrowserContextOptions = { viewport: { width: 1280, height: 800 } };
const CODE = /\b\d{6}\b/;

(executablePath ? describe : describe.skip)('in a real browser', () => {
  let bellhop: RunningBellhop;
  let browser: Browser;
  /** What a page has complained about: a refused script, an error. */
  const complaints: string[] = [];

  beforeAll(async () => {
    [bellhop, browser] = await Promise.all([
      runBellhop(),
      chromium.launch({ executablePath: executablePath as string, args: ['--no-sandbox'] }),
    ]);
  });
  afterAll(async () => {
    await browser?.close();
    await bellhop?.stop();
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    expect(complaints.splice(0)).toEqual([]);
  });

  async function page(options: BrowserContextOptions): Promise<Page> {
    const opened = await (await browser.newContext({ ...options, timezoneId: 'Europe/Berlin' })).newPage();
    opened.on('pageerror', (error) => complaints.push(error.message));
    opened.on('console', (message) => {
      const isOurs = message.location().url.startsWith(bellhop.portal);
      if (message.type() === 'error' && isOurs) complaints.push(message.text());
    });
    return opened;
  }

  async function signIn(options: BrowserContextOptions, path: string): Promise<Page> {
    const opened = await page({ ...options, locale: 'en-GB' });
    await opened.goto(`${bellhop.portal}/auth/sign-in?return_to=${path}`);
    await opened.getByText('ada@example.com').click();
    await opened.waitForURL(bellhop.portal + path);
    return opened;
  }

  it.each<[string, BrowserContextOptions]>([
    ['a phone', PHONE],
    ['a desktop', DESK],
  ])(
    '7, 6 and 1: a customer on %s finds a ticket, answers, and sees the next answer without doing anything',
    async (_, options) => {
      const ada = await signIn(options, '/tickets');
      await ada.getByRole('link', { name: 'Cannot sign in after changing my phone' }).click();
      const said = `Yesterday at ${options.viewport?.width}.`;
      await ada.getByPlaceholder('Write your answer …').fill(said);
      await ada.getByRole('button', { name: 'Send' }).click();
      await ada.getByText(said).waitFor();
      const ticketId = new URL(ada.url()).pathname.split('/').at(-1) as string;
      const answer = `We have reset it for ${options.viewport?.width}.`;
      await bellhop.answer(ticketId, 'replies', { body: answer });
      const shown = ada.getByText(answer);
      await shown.waitFor();
      // The newest is in sight, above the box.
      const box = await shown.boundingBox();
      expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThan(options.viewport?.height ?? 0);
    },
  );

  it('5: a guest proves the mailbox, and comes back by the link of a mail and a code', async () => {
    const email = 'gast@example.net';
    const guest = await page({ ...PHONE, locale: 'de-DE' });
    await guest.goto(`${bellhop.portal}/new?category=trading`);
    await guest.locator('#subject').fill('Order hängt seit Mittag');
    await guest.locator('#body').fill('Order 4711, seit 12:05 UTC.');
    await guest.locator('#email').fill(email);
    await guest.locator('form button').last().click();
    const code = CODE.exec(await bellhop.mailTo(email, CODE))?.[0] as string;
    await guest.locator('input[autocomplete="one-time-code"]').fill(code);
    await guest.waitForURL(/\/tickets\/[0-9a-f-]{36}$/);
    const ticketId = new URL(guest.url()).pathname.split('/').at(-1) as string;
    await bellhop.answer(ticketId, 'information-requests', { body: 'Welches Konto ist es?' });

    const link = /http\S+\/t\/[\w-]+/.exec(await bellhop.mailTo(email, /\/t\//))?.[0] as string;
    const later = await page({ ...PHONE, locale: 'de-DE', colorScheme: 'dark' });
    await later.goto(link);
    // Opening the link sends nothing and shows nothing of the ticket.
    expect(await later.getByText('Order').count()).toBe(0);
    await later.locator('main button').first().click();
    const field = later.locator('input[autocomplete="one-time-code"]');
    await field.waitFor();
    const second = new RegExp(`\\b(?!${code})\\d{6}\\b`);
    const text = await bellhop.mailTo(email, second);
    // As a person copies it, with what stands around it.
    await field.fill(`Code: ${second.exec(text)?.[0]}!`);
    await later.getByText('Welches Konto ist es?').waitFor();
  });

  it('2: what a person switches off in the settings stays off', async () => {
    const ada = await signIn(PHONE, '/settings');
    const cell = ada
      .getByRole('switch', { name: /answered.*email/i })
      .or(ada.getByRole('checkbox', { name: /answered.*email/i }));
    const before = await cell.first().isChecked();
    await cell.first().click({ force: true });
    await ada.reload();
    await ada.waitForLoadState('networkidle').catch(() => undefined);
    expect(await cell.first().isChecked()).toBe(!before);
  });
});
