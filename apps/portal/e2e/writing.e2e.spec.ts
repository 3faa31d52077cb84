import { waitFor } from '@bellhop/local-stack';
import { expect, it } from '@jest/globals';
import type { Page, Route } from 'playwright-core';
import { DESK, inBrowser, PHONE } from './in-browser.js';

const ADA = 'ada@example.com';
const MESSAGES = '**/api/tickets/*/messages';

const box = (page: Page) => page.getByPlaceholder('Write your answer …');
const bubbles = (page: Page, text: string) => page.getByRole('article').filter({ hasText: text });
const choose = (page: Page, name: string, content = `The file ${name}`) =>
  page.locator('input[type=file]').setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(content) });

/** The file is with the service, and belongs to the draft. */
async function arrived(page: Page, name: string): Promise<void> {
  await page.getByLabel(`Remove ${name}`).waitFor();
  await page.getByLabel(`${name} is being uploaded`).waitFor({ state: 'detached' });
}

/** Something that a spec lets happen when it is time. */
function gate(): { open: () => void; opened: Promise<void> } {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

inBrowser('what somebody writes', (stage) => {
  /** The page of a new ticket of Ada's. */
  async function ticketPage(on = DESK) {
    const id = await stage.bellhop.file(ADA);
    const page = await stage.signIn(`/tickets/${id}`, { on });
    await box(page).waitFor();
    return { id, page };
  }
  const own = async (id: string, text: string) =>
    (await stage.bellhop.messagesOf(ADA, id)).filter(({ body }) => body === text).length;

  it('P1 is one message, however often "send" is pressed and though the connection is cut after it was taken', async () => {
    const { id, page } = await ticketPage();
    stage.expectComplaint(/ERR_FAILED/);
    const answered = gate();
    const keys: (string | undefined)[] = [];
    await page.route(MESSAGES, async (route) => {
      keys.push(route.request().headers()['idempotency-key']);
      await route.fetch();
      await answered.opened;
      await route.abort();
    });
    await box(page).fill('Only once, please.');
    for (let count = 0; count < 5; count++) await page.keyboard.press('Control+Enter');
    // Until its page hears by the stream that it has arrived.
    await bubbles(page, 'Only once, please.').first().waitFor();
    answered.open();
    await page.getByText('You · sending …').waitFor({ state: 'detached' });
    await waitFor(async () => (await page.getByText('not sent').count()) === 0, { what: 'the message to be known' });
    expect(await bubbles(page, 'Only once, please.').count()).toBe(1);
    expect(keys).toHaveLength(1);
    expect(await own(id, 'Only once, please.')).toBe(1);
  });

  it('P1 keeps its key when it is tried again', async () => {
    const { id, page } = await ticketPage(PHONE);
    stage.expectComplaint(/ERR_FAILED/);
    const keys: (string | undefined)[] = [];
    await page.route(MESSAGES, async (route) => {
      keys.push(route.request().headers()['idempotency-key']);
      if (keys.length === 1) await route.abort();
      else await route.continue();
    });
    await box(page).fill('Try me again.');
    await page.getByRole('button', { name: 'Send' }).tap();
    await page.getByText('There was no answer. Check your connection, then try again.').waitFor();
    await page.getByRole('button', { name: 'Try again' }).tap();
    await page.getByText('You · sending …').waitFor({ state: 'detached' });
    await waitFor(async () => (await own(id, 'Try me again.')) === 1);
    expect(keys[0]).toBe(keys[1]);
    expect(await bubbles(page, 'Try me again.').count()).toBe(1);
  });

  it('P2 is there after the tab was closed and the session ended, with its files, and gone in all tabs when it was sent', async () => {
    const { id, page } = await ticketPage();
    const context = page.context();
    await box(page).fill('Half a sentence');
    await choose(page, 'list.txt');
    await arrived(page, 'list.txt');
    await page.close();
    await context.clearCookies();
    const first = await stage.signIn(`/tickets/${id}`, { context });
    expect(await box(first).inputValue()).toBe('Half a sentence');
    await first.getByLabel('Remove list.txt').waitFor();
    const second = await context.newPage();
    await second.goto(first.url());
    await second.getByLabel('Remove list.txt').waitFor();
    await first.getByRole('button', { name: 'Send' }).click();
    await second.getByRole('link', { name: /list\.txt/ }).waitFor();
    await waitFor(async () => (await box(second).inputValue()) === '');
    expect(await second.getByLabel('Remove list.txt').count()).toBe(0);
    for (const one of [first, second]) expect(await bubbles(one, 'Half a sentence').count()).toBe(1);
    expect(await own(id, 'Half a sentence')).toBe(1);
  });

  it('P6 keeps its text when a file is refused, says why at the file, and takes it at a second try', async () => {
    const { page } = await ticketPage(PHONE);
    stage.expectComplaint(/41[35]|ERR_FAILED/);
    await box(page).fill('With a file');
    const answers: ((route: Route) => Promise<void>)[] = [
      (route) =>
        route.fulfill({ status: 413, contentType: 'text/html', body: '<h1>413 Request Entity Too Large</h1>' }),
      (route) => route.abort(),
    ];
    await page.route('**/api/attachments', (route) => answers.shift()?.(route) ?? route.continue());
    const files = page.getByLabel('Files of your answer');
    await choose(page, 'large.txt');
    await files.getByText('This file has more than 20 MB. Send a smaller one.').waitFor();
    await page.getByLabel('Remove large.txt').tap();
    await choose(page, 'cut.txt');
    await files.getByText('There was no answer. Check your connection, then try again.').waitFor();
    await page.getByLabel('Upload cut.txt again').tap();
    await page.getByLabel('Upload cut.txt again').waitFor({ state: 'detached' });
    await files.getByRole('alert').waitFor({ state: 'detached' });
    // The service looks at the bytes: this is no picture.
    await choose(page, 'picture.png', '\x7fELF\x02\x01\x01\0');
    await files.getByText(/^This type cannot be sent/).waitFor();
    await page.getByLabel('Remove picture.png').tap();
    expect(await box(page).inputValue()).toBe('With a file');
    await page.getByRole('button', { name: 'Send' }).tap();
    await page.getByRole('link', { name: /cut\.txt/ }).waitFor();
  });

  it('P7 takes a file, another one, and the first one again', async () => {
    const { page } = await ticketPage();
    const rows = page.getByLabel('Files of your answer').getByRole('listitem');
    for (const [before, name] of ['one.txt', 'two.txt', 'one.txt'].entries()) {
      await choose(page, name);
      // Else a browser would not tell that the same file is chosen again.
      expect(await page.locator('input[type=file]').inputValue()).toBe('');
      // They stand in the order in which they have arrived.
      const haveArrived = async () =>
        (await page.getByRole('progressbar').count()) === 0 && (await rows.count()) === before + 1;
      await waitFor(haveArrived, { what: `${name} to arrive` });
    }
    expect(await rows.allTextContents()).toEqual([/^one/, /^two/, /^one/].map((name) => expect.stringMatching(name)));
  });

  it('P8 is a code that is pasted with words around it, in one field, and is sent once', async () => {
    const email = 'p8@example.net';
    const guest = await stage.page();
    const { field, code } = await stage.fileAsGuest(guest, email);
    expect(await guest.locator('main input').count()).toBe(1);
    expect(await field.getAttribute('autocomplete')).toBe('one-time-code');
    expect(await field.getAttribute('maxlength')).toBeNull();
    const checks: string[] = [];
    guest.on('request', (request) => request.method() === 'POST' && checks.push(request.url()));
    await field.evaluate(
      (input: HTMLInputElement, text) => {
        // As browsers fill it in: the value is set past the page, and told twice.
        const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set;
        for (const type of ['input', 'change', 'input']) {
          set?.call(input, text);
          input.dispatchEvent(new Event(type, { bubbles: true }));
        }
      },
      `Your code is ${code.slice(0, 3)} ${code.slice(3)}!`,
    );
    await guest.waitForURL(/\/tickets\/[0-9a-f-]{36}$/);
    expect(checks.filter((url) => url.includes('guest'))).toHaveLength(1);
  });

  it('P11 survives a release: a part of the page that is gone costs one reload, then a sentence, and no word', async () => {
    const page = await stage.signIn('/new', { on: DESK });
    stage.expectComplaint(/404|dynamically imported module/);
    await page.locator('#body').fill('Written before the release');
    await page.route('**/assets/sent-page*', (route) => route.fulfill({ status: 404, body: '' }));
    let loads = 0;
    page.on('domcontentloaded', () => loads++);
    await page.getByLabel('Help', { exact: true }).click();
    await page.getByRole('link', { name: 'Messages we sent you' }).click();
    await page.getByRole('heading', { name: 'This page is out of date' }).waitFor();
    expect(loads).toBe(1);
    await page.unroute('**/assets/sent-page*');
    await page.getByRole('button', { name: 'Load again' }).click();
    await page.getByRole('heading', { name: 'Messages we sent you' }).waitFor();
    await page.goto(`${stage.bellhop.portal}/new`);
    expect(await page.locator('#body').inputValue()).toBe('Written before the release');
  });

  it.each(['the answer comes first', 'the hint comes first', 'each comes when it comes'])(
    'P14 is never two bubbles: %s',
    async (order) => {
      const { page } = await ticketPage();
      await page.evaluate(() => {
        const scope = window as unknown as { most: number };
        scope.most = 0;
        const count = () => {
          const same = [...document.querySelectorAll('article')].filter((one) =>
            one.textContent?.includes('Just one.'),
          );
          scope.most = Math.max(scope.most, same.length);
        };
        new MutationObserver(count).observe(document.body, { childList: true, subtree: true, characterData: true });
      });
      const reads = gate();
      const isRead = (url: URL) => /\/api\/tickets\/[0-9a-f-]{36}$/.test(url.pathname);
      if (order === 'the answer comes first') {
        await page.route(isRead, (route) => reads.opened.then(() => route.continue()));
      } else {
        await page.route(MESSAGES, async (route) => {
          const isLater = order === 'the hint comes first';
          const read = isLater ? page.waitForResponse((answer) => isRead(new URL(answer.url()))) : null;
          const response = await route.fetch();
          await read;
          await route.fulfill({ response });
        });
      }
      await box(page).fill('Just one.');
      await page.getByRole('button', { name: 'Send' }).click();
      await bubbles(page, 'Just one.').waitFor();
      await page.getByText('You · sending …').waitFor({ state: 'detached' });
      reads.open();
      await stage.bellhop.answer(page.url().split('/').at(-1) as string, 'replies', { body: 'And the next.' });
      await bubbles(page, 'And the next.').waitFor();
      const texts = await page.getByRole('article').allTextContents();
      expect(texts.map((text) => /Just one|And the next/.exec(text)?.[0]).filter(Boolean)).toEqual([
        'Just one',
        'And the next',
      ]);
      expect(await page.evaluate(() => (window as unknown as { most: number }).most)).toBe(1);
    },
  );

  it('P20 opens a solved ticket again, and says so before; after a closed one it offers a new ticket', async () => {
    const { id, page } = await ticketPage(PHONE);
    await stage.bellhop.answer(id, 'resolution', { body: 'It is done.' });
    await page.getByText('If you write, the ticket opens again.').waitFor();
    await box(page).fill('It is not.');
    await page.getByRole('button', { name: 'Send' }).tap();
    await page
      .getByRole('log')
      .getByText(/^Opened again/)
      .waitFor();
    await page.getByText('If you write, the ticket opens again.').waitFor({ state: 'detached' });
    await stage.bellhop.answer(id, 'closing');
    await page.getByRole('button', { name: 'Open again' }).waitFor();
    expect(await box(page).count()).toBe(0);
    await page.getByRole('link', { name: 'New ticket' }).last().tap();
    await page.getByRole('heading', { name: 'New ticket' }).waitFor();
  });

  it('waits while two minutes without a network pass, and is sent when they are over', async () => {
    const { id, page } = await ticketPage(PHONE);
    stage.expectComplaint(/ERR_INTERNET_DISCONNECTED/);
    await page.clock.install();
    await page.context().setOffline(true);
    await page.getByText('You are offline.').waitFor();
    await box(page).fill('From the tunnel');
    await page.getByRole('button', { name: 'Send' }).tap();
    await page.getByText('You · not sent').waitFor();
    await page.clock.fastForward('02:00');
    await page.context().setOffline(false);
    await page.getByText('You are offline.').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Try again' }).tap();
    await waitFor(async () => (await own(id, 'From the tunnel')) === 1);
    expect(await bubbles(page, 'From the tunnel').count()).toBe(1);
  });

  it('stands in the conversation at once, also on a slow network', async () => {
    const { page } = await ticketPage();
    const session = await page.context().newCDPSession(page);
    const slow = { offline: false, latency: 1_500, downloadThroughput: 30_000, uploadThroughput: 15_000 };
    await session.send('Network.emulateNetworkConditions', slow);
    await box(page).fill('Slowly');
    await page.getByRole('button', { name: 'Send' }).click();
    await bubbles(page, 'Slowly').getByText('You · sending …').waitFor({ timeout: 1_000 });
    expect(await box(page).inputValue()).toBe('');
    await page.getByText('You · sending …').waitFor({ state: 'detached' });
    expect(await bubbles(page, 'Slowly').count()).toBe(1);
  });
});
