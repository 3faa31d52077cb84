import { waitFor } from '@bellhop/local-stack';
import { expect, it } from '@jest/globals';
import type { BrowserContextOptions, Page, Request } from 'playwright-core';
import { DESK, inBrowser, PHONE } from './in-browser.js';

const ADA = 'ada@example.com';
/** A phone on which the keyboard has left this much. */
const ABOVE_KEYBOARD: BrowserContextOptions = { ...PHONE, viewport: { width: 390, height: 420 } };
const LONG = ['The first line.', ...Array.from({ length: 120 }, (_, line) => `Line ${line} of many.`)].join('\n');

const message = (page: Page, text: string) => page.getByRole('article').filter({ hasText: text });

/** Where something stands on the screen, between the header and the answer box. */
async function places(page: Page, text: string) {
  const boxOf = async (selector: string) => (await page.locator(selector).boundingBox()) as NonNullable<Box>;
  const [header, composer] = [await boxOf('[data-fills-phone] > :first-child'), await boxOf('[data-composer]')];
  const own = (await message(page, text).boundingBox()) as NonNullable<Box>;
  return { top: own.y - (header.y + header.height), bottom: composer.y - (own.y + own.height) };
}
type Box = Awaited<ReturnType<ReturnType<Page['locator']>['boundingBox']>>;

const scrolled = (page: Page) => page.evaluate(() => Math.round(window.scrollY));

/** As if another window lay over it. */
const hide = (page: Page, isHidden: boolean) =>
  page.evaluate(
    (state) => {
      Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    },
    isHidden ? 'hidden' : 'visible',
  );

inBrowser('what somebody reads', (stage) => {
  /** A ticket of Ada's with thirty messages that she has read. */
  async function longTicket(): Promise<string> {
    const id = await stage.bellhop.file(ADA);
    for (let count = 1; count <= 15; count++) {
      await stage.bellhop.answer(id, 'replies', { body: `Answer ${count}.` });
      await stage.bellhop.write(ADA, id, `Question ${count}.`);
    }
    await stage.bellhop.see(ADA, id);
    return id;
  }

  it.each([
    ['a phone', PHONE],
    ['a phone with its keyboard open', ABOVE_KEYBOARD],
  ])('P3 begins above the answer box with what is short, at its first line with what is long, on %s', async (_, on) => {
    const id = await longTicket();
    const ada = await stage.signIn(`/tickets/${id}`, { on });
    await message(ada, 'Question 15.').waitFor();
    const short = await places(ada, 'Question 15.');
    expect(short.bottom).toBeGreaterThanOrEqual(0);
    expect(short.bottom).toBeLessThan(60);
    // A phone that is turned moves everything; its reader has not scrolled.
    for (const size of [{ width: 780, height: 390 }, on.viewport as { width: number; height: number }]) {
      await ada.setViewportSize(size);
      await waitFor(async () => (await places(ada, 'Question 15.')).bottom >= 0, { what: 'the newest in sight' });
    }
    await stage.bellhop.answer(id, 'replies', { body: LONG });
    await message(ada, 'The first line.').waitFor();
    const startsInSight = async () => {
      const { top } = await places(ada, 'The first line.');
      return top >= 0 && top < 60;
    };
    await waitFor(startsInSight, { what: 'the first line below the header, with the page open' });
    await ada.reload();
    await message(ada, 'The first line.').waitFor();
    await waitFor(startsInSight, { what: 'the first line below the header, after a reload' });
  });

  it('P4 leaves somebody who has scrolled up in peace, and says that there is something new', async () => {
    const id = await longTicket();
    const ada = await stage.signIn(`/tickets/${id}`);
    await message(ada, 'Question 15.').waitFor();
    await ada.evaluate(() => window.scrollTo(0, 200));
    await waitFor(async () => (await scrolled(ada)) === 200);
    await stage.bellhop.answer(id, 'replies', { body: 'Something new.' });
    const pill = ada.getByRole('button', { name: '1 new message' });
    await pill.waitFor();
    expect(await scrolled(ada)).toBe(200);
    await pill.tap();
    await waitFor(async () => (await places(ada, 'Something new.')).bottom >= 0);
    await pill.waitFor({ state: 'detached' });
  });

  it('P5 says to the customer whose turn it is, never the word of the desk', async () => {
    const { bellhop } = stage;
    const told = {
      Anfang: ['We answer', 'Our turn:'],
      Frage: ['Your turn', 'Your turn:'],
      Ende: ['Solved: is it?', 'Solved.'],
    };
    const ids = await Promise.all(Object.keys(told).map((subject) => bellhop.file(ADA, { subject, body: 'Hello.' })));
    await bellhop.answer(ids[1] as string, 'information-requests', { body: 'Hello?' });
    await bellhop.answer(ids[2] as string, 'resolution', { body: 'Goodbye.' });
    const ada = await stage.signIn('/tickets');
    for (const [subject, [label, sentence]] of Object.entries(told)) {
      const row = ada.getByRole('listitem').filter({ hasText: subject });
      await row.getByText(label as string, { exact: true }).waitFor();
      expect(await row.textContent()).not.toMatch(/waiting|open|resolved|information/i);
      await row.getByRole('link').tap();
      const turn = ada.getByRole('status').filter({ hasText: sentence as string });
      await turn.waitFor();
      expect(await turn.textContent()).not.toMatch(/waiting for information|resolved|\bopen\b/i);
      await ada.getByLabel('Back to My tickets').tap();
    }
  });

  it('P9 reads each new message out once, none at the start, and keeps the focus in the answer box', async () => {
    const id = await longTicket();
    const ada = await stage.signIn(`/tickets/${id}`, { on: DESK });
    await message(ada, 'Question 15.').waitFor();
    await ada.evaluate(() => {
      const said: string[] = [];
      Object.assign(window, { said });
      const log = document.querySelector('[role=log]') as Element;
      new MutationObserver((changes) => {
        for (const node of changes.flatMap(({ addedNodes }) => [...addedNodes]))
          if (node instanceof Element && !node.closest('[aria-live=off]')) said.push(node.textContent ?? '');
      }).observe(log, { childList: true, subtree: true });
    });
    const said = () => ada.evaluate(() => (window as unknown as { said: string[] }).said);
    expect(await said()).toEqual([]);
    const box = ada.getByPlaceholder('Write your answer …');
    await box.fill('My answer.');
    await ada.getByRole('button', { name: 'Send' }).click();
    await ada.getByText('You · sending …').waitFor({ state: 'detached' });
    expect(await box.evaluate((element) => element === document.activeElement)).toBe(true);
    await stage.bellhop.answer(id, 'replies', { body: 'The next answer.' });
    await message(ada, 'The next answer.').waitFor();
    expect((await said()).map((text) => /My answer|The next answer/.exec(text)?.[0])).toEqual([
      'My answer',
      'The next answer',
    ]);
  });

  it('P10 is up to date within two seconds when a device comes back that was away for two minutes', async () => {
    const id = await stage.bellhop.file(ADA);
    const ada = await stage.signIn(`/tickets/${id}`);
    await ada.getByPlaceholder('Write your answer …').waitFor();
    stage.expectComplaint(/ERR_INTERNET_DISCONNECTED/);
    await ada.clock.install();
    await hide(ada, true);
    await ada.context().setOffline(true);
    await stage.bellhop.answer(id, 'replies', { body: 'While you were away.' });
    await ada.clock.fastForward('02:00');
    expect(await message(ada, 'While you were away.').count()).toBe(0);
    await ada.context().setOffline(false);
    await hide(ada, false);
    await message(ada, 'While you were away.').waitFor({ timeout: 2_000 });
  });

  it('P12 has no field that a phone would zoom into, and an answer box that sticks without a script', async () => {
    const ada = await stage.signIn('/settings');
    const id = await stage.bellhop.file(ADA);
    for (const path of ['/settings', '/tickets', '/new', '/link', `/tickets/${id}`]) {
      await ada.goto(stage.bellhop.portal + path);
      const fields = ada.locator('main :is(input, textarea, select):not([type=checkbox], [type=radio], [type=file])');
      await fields.first().waitFor();
      const sizes = await fields.evaluateAll((all) =>
        all.map((one) => Number.parseFloat(getComputedStyle(one).fontSize)),
      );
      expect({ path, small: sizes.filter((size) => size < 16) }).toEqual({ path, small: [] });
    }
    const composer = ada.locator('[data-composer]');
    expect(await composer.evaluate((one) => getComputedStyle(one).position)).toBe('sticky');
    expect(await composer.evaluate((one) => one.getAttribute('style'))).toBeNull();
  });

  it('stays on the screen of a phone where a menu is opened, also with long words', async () => {
    const ada = await stage.signIn('/tickets', { on: { ...PHONE, locale: 'pl-PL' } });
    for (const icon of ['bell', 'circle-question-mark', 'menu']) {
      const button = ada.locator(`header summary:has(.lucide-${icon})`);
      await button.tap();
      const list = (await button.locator('xpath=following-sibling::div').boundingBox()) as NonNullable<Box>;
      expect(list.x).toBeGreaterThanOrEqual(0);
      expect(list.x + list.width).toBeLessThanOrEqual(390);
    }
  });

  it('P17 loads in eight tabs over HTTP/1.1, which share one stream of notifications', async () => {
    const first = await stage.signIn('/tickets', { on: DESK });
    const context = first.context();
    const open = { feed: 0, tickets: 0 };
    const most = { feed: 0, tickets: 0 };
    const count = (by: 1 | -1) => (request: Request) => {
      const kind = /(feed|tickets)\S*\/stream$/.exec(request.url())?.[1] as keyof typeof open | undefined;
      if (!kind) return;
      open[kind] += by;
      most[kind] = Math.max(most[kind], open[kind]);
    };
    context.on('request', count(1));
    context.on('requestfailed', count(-1));
    context.on('requestfinished', count(-1));
    const id = await stage.bellhop.file(ADA);
    const tabs: Page[] = [first];
    for (const path of [...Array(6).fill('/tickets'), `/tickets/${id}`]) {
      const tab = await context.newPage();
      await tab.goto(stage.bellhop.portal + path);
      await tab.getByLabel(/^Notifications/).waitFor();
      tabs.push(tab);
    }
    const told = async (tab: Page) => (await tab.getByLabel(/^Notifications/).getAttribute('aria-label')) as string;
    const before = await told(first);
    await stage.bellhop.answer(id, 'replies', { body: 'To all of you.' });
    await message(tabs.at(-1) as Page, 'To all of you.').waitFor();
    for (const tab of tabs) await waitFor(async () => (await told(tab)) !== before, { what: 'the bell of each tab' });
    expect(most).toEqual({ feed: 1, tickets: 1 });
  });
});
