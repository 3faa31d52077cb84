import { describe, expect, it } from '@jest/globals';
import axe, { type AxeResults, type RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';
import { DESK, inBrowser, PHONE } from './in-browser.js';

const ADA = 'ada@example.com';

/** Everything that axe knows in the light; in the dark only what colours change. */
async function violationsIn(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const options: RunOptions = colorScheme === 'dark' ? { runOnly: ['color-contrast'] } : {};
    // By DevTools: the content security policy lets no script in by a tag.
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate(
      (asked) => (window as unknown as { axe: { run(asked: object): Promise<AxeResults> } }).axe.run(asked),
      options as object,
    );
    for (const { id, nodes } of violations)
      found.push(...nodes.map(({ html, failureSummary }) => `${colorScheme} ${id}: ${html} ${failureSummary}`));
  }
  return found;
}

inBrowser('without a barrier', (stage) => {
  const at = (path: string) => stage.bellhop.portal + path;
  const expectNone = async (page: Page) => expect(await violationsIn(page)).toEqual([]);

  it.each<[string, string, RegExp, RegExp | null]>([
    ['help', '/help', /What is it about/, null],
    ['a ticket to be filed as a guest', '/new', /New ticket/, null],
    ['a new link', '/link', /Get a new link/, null],
    ['the list before a sign-in', '/tickets', /Please sign in/, /401/],
    ['a ticket before a sign-in', '/tickets/5eed0000-0000-4000-8000-000000000001', /Please sign in/, /401/],
    ['a page that is not there', '/nothing', /There is no such page/, null],
  ])('axe finds nothing on %s', async (_, path, heading, complaint) => {
    if (complaint) stage.expectComplaint(complaint);
    const page = await stage.page();
    await page.goto(at(path));
    await page.getByRole('heading', { name: heading, level: 1 }).waitFor();
    await expectNone(page);
  });

  it.each([
    ['a phone', PHONE],
    ['a desktop', DESK],
  ])('axe finds nothing on the pages of a list, the settings and what was sent, on %s', async (_, on) => {
    const ada = await stage.signIn('/tickets', { on });
    await ada.getByText('Your turn', { exact: true }).first().waitFor();
    await expectNone(ada);
    await ada.getByLabel('Search').fill('Nothing like this');
    await ada.getByText('Nothing found').waitFor();
    await expectNone(ada);
    for (const [path, heading] of [
      ['/tickets?status=closed', 'My tickets'],
      ['/settings', 'How we reach you'],
      ['/sent', 'Messages we sent you'],
    ] as const) {
      await ada.goto(at(path));
      await ada.getByRole('heading', { name: heading, level: 1 }).waitFor();
      await ada.locator('main [role=status]').filter({ hasText: 'Loading' }).waitFor({ state: 'detached' });
      await expectNone(ada);
    }
    await ada.getByLabel(/^Notifications/).click();
    await expectNone(ada);
    await ada.getByLabel('Help', { exact: true }).click();
    await expectNone(ada);
    await ada.getByLabel('Menu: Ada').click();
    await expectNone(ada);
  });

  it('axe finds nothing on a ticket in each of its states', async () => {
    const { bellhop } = stage;
    const id = await bellhop.file(ADA, { body: 'See https://example.com/a, please.' });
    const ada = await stage.signIn(`/tickets/${id}`);
    await ada.getByText('Our turn:').waitFor();
    await expectNone(ada);
    await bellhop.answer(id, 'information-requests', { body: 'Which one?' });
    await ada.getByText('Your turn:').waitFor();
    stage.expectComplaint(/ERR_FAILED/);
    await ada.route('**/api/attachments', (route) => route.abort());
    await ada.route('**/messages', (route) => route.abort());
    await ada.getByPlaceholder('Write your answer …').fill('My card is 4111 1111 1111 1111.');
    await ada
      .locator('input[type=file]')
      .setInputFiles({ name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('a') });
    await ada.getByLabel('Upload a.txt again').waitFor();
    await expectNone(ada);
    await ada.getByLabel('Remove a.txt').tap();
    await ada.getByRole('button', { name: 'Send' }).tap();
    await ada.getByText('You · not sent').waitFor();
    await expectNone(ada);
    await ada.getByRole('button', { name: 'Take away' }).tap();
    await bellhop.answer(id, 'resolution', { body: 'Done.' });
    await ada.getByText('Solved.').first().waitFor();
    await ada.getByLabel('More', { exact: true }).tap();
    await expectNone(ada);
    await ada.getByRole('button', { name: 'Close ticket' }).tap();
    await expectNone(ada);
    await ada.getByRole('button', { name: 'Close ticket' }).last().tap();
    await ada.getByRole('button', { name: 'Open again' }).waitFor();
    await expectNone(ada);
    await ada.context().setOffline(true);
    await ada.getByText('You are offline.').waitFor();
    await expectNone(ada);
  });

  it('axe finds nothing on a new ticket that looks like another, and one that names what must not be sent', async () => {
    await stage.bellhop.file(ADA, { category: 'promotions' });
    const ada = await stage.signIn('/new?category=promotions');
    await ada.getByText('Is it about one of these?').waitFor();
    await ada.locator('#body').fill('My card is 4111 1111 1111 1111.');
    await ada.getByText('This looks like a card number').waitFor();
    await expectNone(ada);
  });

  it('axe finds nothing on the way of a guest, from the form to the ticket and through the door', async () => {
    const email = 'axe@example.net';
    const guest = await stage.page();
    stage.expectComplaint(/40[04]|422/);
    const { field, code } = await stage.fileAsGuest(guest, email);
    await field.fill(code === '123456' ? '123457' : '123456');
    await guest.getByText('This is not the code.').waitFor();
    await expectNone(guest);
    await field.fill(code);
    await guest.getByRole('log').waitFor();
    await expectNone(guest);
    await stage.bellhop.answer(new URL(guest.url()).pathname.split('/').at(-1) as string, 'replies', { body: 'So.' });
    const link = /http\S+\/t\/[\w-]+/.exec((await stage.bellhop.mailTo(email, /\/t\//)).text)?.[0] as string;

    const later = await stage.page();
    await later.goto(link);
    await later.locator('main button').first().waitFor();
    await expectNone(later);
    await later.locator('main button').first().tap();
    await later.getByLabel('Code', { exact: true }).fill(code);
    await later.getByRole('alert').filter({ hasText: /\d/ }).waitFor();
    await expectNone(later);
    await later.goto(at('/t/not-a-link'));
    await later.locator('main button').first().tap();
    await later.locator('#number').waitFor();
    await expectNone(later);
  });

  describe('with the keyboard only', () => {
    /** Presses Tab until `name` has the focus, which must be seen wherever it is. */
    async function tabTo(page: Page, name: RegExp, key = 'Tab'): Promise<void> {
      for (let count = 0; count < 60; count++) {
        await page.keyboard.press(key);
        const { text, isSeen } = await page.evaluate(() => {
          const here = document.activeElement as HTMLElement;
          const label = here.getAttribute('aria-label') ?? (here as HTMLInputElement).labels?.[0]?.textContent;
          const outlines = [here, here.parentElement as HTMLElement].map((one) => getComputedStyle(one));
          return {
            text: label ?? here.textContent ?? '',
            isSeen: outlines.some(
              ({ outlineStyle, outlineWidth }) => outlineStyle !== 'none' && outlineWidth !== '0px',
            ),
          };
        });
        if (text !== '') expect({ text, isSeen }).toEqual({ text, isSeen: true });
        if (name.test(text)) return;
      }
      throw new Error(`Sixty presses of Tab do not lead to ${name}.`);
    }

    it('somebody signs in, opens a ticket from the list, answers, and changes a setting', async () => {
      await stage.bellhop.file(ADA, { subject: 'By keyboard' });
      const page = await stage.page(DESK);
      await page.goto(at('/help'));
      await page.getByRole('link', { name: 'Sign in' }).waitFor();
      await tabTo(page, /^Sign in$/);
      await page.keyboard.press('Enter');
      await page.getByText(ADA).waitFor();
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.waitForURL(at('/help'));
      await page.getByLabel('Menu: Ada').waitFor();
      await tabTo(page, /^My tickets$/);
      await page.keyboard.press('Enter');
      await page.getByRole('link', { name: /By keyboard/ }).waitFor();
      await tabTo(page, /By keyboard/);
      await page.keyboard.press('Enter');
      await page.getByRole('log').waitFor();
      await tabTo(page, /^Your answer$/);
      await page.keyboard.type('Written without a mouse.');
      await tabTo(page, /^Send$/);
      await page.keyboard.press('Enter');
      await page.getByRole('article').filter({ hasText: 'Written without a mouse.' }).waitFor();
      await tabTo(page, /^Menu: Ada$/, 'Shift+Tab');
      await page.keyboard.press('Enter');
      await tabTo(page, /^How we reach you$/);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'How we reach you' }).waitFor();
      const cell = page.getByRole('switch', { name: 'Your problem is solved: Email' });
      await cell.waitFor();
      await tabTo(page, /^Your problem is solved: Email$/);
      await page.keyboard.press('Space');
      await page.getByRole('switch', { name: 'Your problem is solved: Email', checked: false }).waitFor();
    });

    it('somebody gets past the menu at once, and out of a menu by Escape', async () => {
      const page = await stage.page(DESK);
      await page.goto(at('/help'));
      await page.getByRole('heading', { level: 1 }).waitFor();
      await tabTo(page, /^To the content$/);
      await page.keyboard.press('Enter');
      await tabTo(page, /^Deposit and withdrawal/);
      await tabTo(page, /^Help$/, 'Shift+Tab');
      await page.keyboard.press('Enter');
      const item = page.getByRole('link', { name: 'Messages we sent you' });
      await item.waitFor();
      await tabTo(page, /^Messages we sent you$/);
      await page.keyboard.press('Escape');
      await item.waitFor({ state: 'hidden' });
      expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Help');
    });
  });
});
