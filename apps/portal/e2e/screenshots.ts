// npm run screenshots: every page in every language and theme, on a phone and on a desktop, to be looked at. It tests nothing.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { waitFor } from '@bellhop/local-stack';
import { it } from '@jest/globals';
import type { BrowserContext, Page } from 'playwright-core';
import { inBrowser } from './in-browser.js';

const FOLDER = fileURLToPath(new URL('../screenshots/', import.meta.url));
const LANGUAGES = ['en-GB', 'de-DE', 'pl-PL', 'zh-CN'];
const THEMES = ['light', 'dark'] as const;
const SIZES = [
  { width: 390, height: 780 },
  { width: 1280, height: 800 },
];
/** Of the stories that `npm run up` begins with. */
const ASKED = '5eed0000-0000-4000-8000-000000000002';
const SOLVED = '5eed0000-0000-4000-8000-000000000003';
/** Two, because a mailbox gets only so many codes. */
const GUESTS = [
  { email: 'rosa@example.com', ticketId: '5eed0000-0000-4000-8000-000000000006' },
  { email: 'lukas@example.com', ticketId: '5eed0000-0000-4000-8000-000000000007' },
];

/** All themes and sizes of what a page shows now. Its window moves with the size, so a conversation stays at its end. */
async function take(page: Page, name: string, isWhole = true): Promise<void> {
  const language = await page.evaluate(() => navigator.language);
  await page.locator('.motion-safe\\:animate-pulse').first().waitFor({ state: 'detached' });
  for (const size of SIZES) {
    await page.setViewportSize(size);
    for (const colorScheme of THEMES) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.mouse.move(0, 0);
      const path = join(FOLDER, `${name}.${language.slice(0, 2)}.${colorScheme}.${size.width}.png`);
      await page.screenshot({ path, fullPage: isWhole, animations: 'disabled' });
    }
  }
}

/** What stands in the middle of the page has been read from the service. */
const ready = (page: Page) => page.locator('main h1').first().waitFor();

inBrowser('screenshots', (stage) => {
  const pages: [string, string][] = [
    ['help', '/help'],
    ['new', '/new?category=deposit-withdrawal'],
    ['link', '/link'],
    ['missing', '/nothing'],
  ];
  const ofPerson: [string, string][] = [
    ['tickets', '/tickets'],
    ['tickets-closed', '/tickets?status=closed'],
    ['settings', '/settings'],
    ['sent', '/sent'],
    ['new-signed-in', '/new?category=account-security'],
  ];

  it('nobody has signed in', async () => {
    rmSync(FOLDER, { recursive: true, force: true });
    mkdirSync(FOLDER, { recursive: true });
    stage.expectComplaint(/401/);
    for (const locale of LANGUAGES) {
      const page = await stage.page({ locale });
      for (const [name, path] of [...pages, ['sign-in', '/tickets'] as const]) {
        await page.goto(stage.bellhop.portal + path);
        await ready(page);
        await take(page, name);
      }
    }
  });

  it('somebody has signed in', async () => {
    for (const { subject, body } of SECOND) await stage.bellhop.file('ada@example.com', { subject, body });
    await stage.bellhop.answer(ASKED, 'replies', {
      body: 'We have seen two sign-ins from Lisbon today. Are they yours?',
    });
    await stage.bellhop.mailTo('ada@example.com', new RegExp(ASKED));
    for (const locale of LANGUAGES) {
      const context = await stage.context({ locale });
      const page = await stage.signIn('/tickets', { context });
      for (const [name, path] of ofPerson) {
        await page.goto(stage.bellhop.portal + path);
        await ready(page);
        await take(page, name);
      }
      await ticketPages(page, context);
    }
  });

  async function ticketPages(page: Page, context: BrowserContext): Promise<void> {
    const open = async (id: string) => {
      await page.goto(`${stage.bellhop.portal}/tickets/${id}`);
      await page.getByRole('log').waitFor();
    };
    await open(SOLVED);
    await take(page, 'ticket-solved', false);
    await open(ASKED);
    await take(page, 'ticket', false);
    const box = page.locator('[data-composer] textarea');
    await box.fill('4111 1111 1111 1111');
    await page.route('**/messages', (route) => route.abort());
    stage.expectComplaint(/ERR_/);
    await page.locator('[data-composer] button[type=submit]').click();
    await page.getByRole('article').getByRole('alert').waitFor();
    await box.fill('4111 1111 1111 1111');
    await take(page, 'ticket-not-sent', false);
    await box.fill('');
    await page.evaluate(() => localStorage.clear());
    await page.goto(`${stage.bellhop.portal}/tickets`);
    await page.locator('main li').first().waitFor();
    const bell = page.locator('header summary:has(.lucide-bell)');
    await bell.click();
    await take(page, 'bell', false);
    await context.setOffline(true);
    await waitFor(async () => (await page.locator('header + [role=status] p').count()) === 1);
    await take(page, 'offline', false);
    await context.setOffline(false);
  }

  it('a guest opens a link', async () => {
    const links: string[] = [];
    for (const { email, ticketId } of GUESTS) {
      await stage.bellhop.answer(ticketId, 'replies', { body: 'Thank you for telling us.' });
      const { text } = await stage.bellhop.mailTo(email, /\/t\//);
      links.push(/http\S+\/t\/[\w-]+/.exec(text)?.[0] as string);
    }
    for (const [at, locale] of LANGUAGES.entries()) {
      const page = await stage.page({ locale });
      await page.goto(links[at % links.length] as string);
      await take(page, 'door');
      await page.locator('main button').first().click();
      await page.locator('#code').waitFor();
      await take(page, 'door-code');
      stage.expectComplaint(/40\d|42\d/);
      await page.goto(`${stage.bellhop.portal}/t/not-a-link`);
      await page.locator('main button').first().click();
      await page.locator('#number').waitFor();
      await take(page, 'door-dead');
    }
  });
});

/** So that a list is one. */
const SECOND = [
  { subject: 'Fee charged twice', body: 'On order 771204, at 9:30 UTC.' },
  { subject: 'Which documents does a company need to open an account with you?', body: 'We are three partners.' },
];
