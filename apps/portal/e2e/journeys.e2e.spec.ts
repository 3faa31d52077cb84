import { describe, expect, it } from '@jest/globals';
import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import { CODE, DESK, inBrowser, itInWholeChromium, PHONE, ticketIn } from './in-browser.js';
import { pushable } from './pushable.js';

const ADA = 'ada@example.com';
const DEVICES: [string, BrowserContextOptions][] = [
  ['a phone', PHONE],
  ['a desktop', DESK],
];

/** With a finger where there is one. */
const press = (thing: Locator, on: BrowserContextOptions) => (on.hasTouch ? thing.tap() : thing.click());

/** It can be read where it stands, without scrolling. */
async function isInSight(page: Page, text: string): Promise<boolean> {
  const box = await page.getByRole('log').getByText(text).boundingBox();
  const composer = await page.locator('[data-composer]').boundingBox();
  return box !== null && composer !== null && box.y >= 0 && box.y + box.height <= composer.y;
}

/** The newest code that was sent to an address, other than `known`. */
const codeFor = (known: string | null) => new RegExp(known ? `\\b(?!${known})\\d{6}\\b` : CODE.source);

inBrowser('what a customer lives through', (stage) => {
  /** Files a ticket as a guest. @returns the code that opened it */
  async function fileAsGuest(guest: Page, email: string, subject: string): Promise<string> {
    const body = 'Order 4711, 12:05 UTC.';
    const { field, code } = await stage.fileAsGuest(guest, email, { subject, body });
    await field.fill(code);
    await guest.waitForURL(/\/tickets\/[0-9a-f-]{36}$/);
    await guest.getByRole('log').getByText(body).waitFor();
    return code;
  }

  it('1: after filing, somebody hears of a question, an answer and the solution without asking', async () => {
    const ada = await stage.signIn('/new?category=trading');
    await ada.locator('#subject').fill('Fee charged twice');
    await ada.locator('#body').fill('On order 4712, at 9:30 UTC.');
    await ada.getByRole('button', { name: 'Send' }).tap();
    await ada.waitForURL(/\/tickets\/[0-9a-f-]{36}$/);
    const id = ticketIn(ada);
    await ada.getByRole('log').getByText('On order 4712').waitFor();
    const { bellhop } = stage;
    const heard = (words: RegExp) => bellhop.mailTo(ADA, new RegExp(`${words.source}[\\s\\S]*${id}`));
    // Who has the ticket before their eyes needs no mail.
    await ada.goto('about:blank');
    await bellhop.answer(id, 'information-requests', { body: 'Which account is it?' });
    await heard(/need/i);
    await bellhop.answer(id, 'replies', { body: 'We have found it.' });
    await heard(/answer|repl/i);
    await bellhop.answer(id, 'resolution', { body: 'The fee is back on your account.' });
    await heard(/solved/i);
    await ada.goto(`${bellhop.portal}/help`);
    await ada.getByLabel(/^Notifications, \d+ new$/).tap();
    await ada.getByText('Your problem is solved').first().waitFor();
  });

  it('2: what a person switches off in the settings stays off', async () => {
    const ada = await stage.signIn('/settings');
    const cell = ada.getByRole('switch', { name: 'We answered: Email' });
    expect(await cell.isChecked()).toBe(true);
    await cell.tap();
    await ada.getByRole('switch', { name: 'We answered: Email', checked: false }).waitFor();
    await ada.reload();
    await ada.getByRole('switch', { name: 'We answered: Email', checked: false }).tap();
    await ada.getByRole('switch', { name: 'We answered: Email', checked: true }).waitFor();
  });

  it('3: a guest is told by mail only', async () => {
    const email = 'nur-mail@example.net';
    const guest = await stage.page({ ...PHONE, locale: 'en-GB' });
    await fileAsGuest(guest, email, 'Deposit is missing');
    await stage.bellhop.answer(ticketIn(guest), 'replies', { body: 'We look into it.' });
    await stage.bellhop.mailTo(email, /\/t\//);
    await guest.goto(`${stage.bellhop.portal}/help`);
    await guest.getByLabel('Menu: English').tap();
    expect(await guest.getByLabel(/^Notifications/).count()).toBe(0);
    expect(await guest.getByRole('link', { name: 'How we reach you' }).count()).toBe(0);
    stage.expectComplaint(/401/);
    await guest.goto(`${stage.bellhop.portal}/settings`);
    await guest.getByRole('heading', { name: 'Please sign in' }).waitFor();
  });

  it('4: the mail is only an alert: a number that is the link, no word of the conversation, and where to answer', async () => {
    const { bellhop } = stage;
    const id = await bellhop.file(ADA, { subject: 'Secret subject', body: 'Secret question' });
    await bellhop.answer(id, 'replies', { body: 'Secret answer' });
    const mail = await bellhop.mailTo(ADA, new RegExp(id));
    const ada = await stage.signIn(`/tickets/${id}`);
    const number = /^[0-9A-Z]{6}/.exec((await ada.locator('h1 + p').textContent()) as string)?.[0] as string;
    expect(mail.subject).toContain(number);
    expect(mail.subject + mail.text + mail.html).not.toMatch(/secret/i);
    expect(mail.text).toMatch(/replies to it are not read\. Please answer on the ticket page/);
    const link = /<a [^>]*href="([^"]+)"[^>]*>(?:<[^>]+>|\s)*[^<]*/g;
    const links = [...mail.html.matchAll(link)].filter(([text]) => text.includes(number));
    expect(links.length).toBeGreaterThan(0);
    await ada.goto(links[0]?.[1]?.replaceAll('&amp;', '&') as string);
    await ada.getByRole('log').getByText('Secret answer').waitFor();
  });

  it('5: a guest comes back by the link of a mail and a code, and the link alone shows nothing', async () => {
    const email = 'gast@example.net';
    const german = { ...PHONE, locale: 'de-DE' };
    const guest = await stage.page(german);
    const first = await fileAsGuest(guest, email, 'Order hängt seit Mittag');
    const id = ticketIn(guest);
    await guest.context().close();
    await stage.bellhop.answer(id, 'information-requests', { body: 'Welches Konto ist es?' });
    const link = /http\S+\/t\/[\w-]+/.exec((await stage.bellhop.mailTo(email, /\/t\//)).text)?.[0] as string;

    const later = await stage.page({ ...german, colorScheme: 'dark' });
    await later.goto(link);
    expect(await later.locator('body').textContent()).not.toMatch(/Order|Konto/);
    await later.locator('main button').first().tap();
    const field = later.locator('input[autocomplete="one-time-code"]');
    await field.waitFor();
    const code = codeFor(first);
    const text = (await stage.bellhop.mailTo(email, code)).text;
    // As a person copies it, with what stands around it.
    await field.fill(`Code: ${code.exec(text)?.[0]}!`);
    await later.getByText('Welches Konto ist es?').waitFor();
  });

  describe.each(DEVICES)('on %s', (_, on) => {
    it('6: a ticket opens with the newest in sight; an answer with a file goes on in it, and the next comes by itself', async () => {
      const { bellhop } = stage;
      const id = await bellhop.file(ADA);
      for (let count = 1; count <= 12; count++)
        await bellhop.answer(id, 'replies', { body: `Answer ${count}.\n`.repeat(3) });
      const ada = await stage.signIn(`/tickets/${id}`, { on });
      await ada.getByRole('log').getByText('Answer 12.').waitFor();
      await ada.getByPlaceholder('Write your answer …').fill('Here is the statement.');
      await ada
        .locator('input[type=file]')
        .setInputFiles({ name: 'statement.txt', mimeType: 'text/plain', buffer: Buffer.from('4711: 250 EUR') });
      await ada.getByLabel('Remove statement.txt').waitFor();
      await press(ada.getByRole('button', { name: 'Send' }), on);
      await ada.getByRole('link', { name: /statement\.txt/ }).waitFor();
      expect(await isInSight(ada, 'Here is the statement.')).toBe(true);
      await bellhop.answer(id, 'replies', { body: 'Thank you, that is all.' });
      await ada.getByText('Thank you, that is all.').waitFor();
      expect(await isInSight(ada, 'Thank you, that is all.')).toBe(true);
    });

    it('7: My tickets is two presses from anywhere, with open and closed ones', async () => {
      const id = await stage.bellhop.file(ADA, { subject: `Closed on ${on.viewport?.width}` });
      await stage.bellhop.answer(id, 'closing');
      const ada = await stage.signIn('/settings', { on });
      await press(ada.getByLabel('Help', { exact: true }), on);
      await press(
        ada.getByRole('navigation', { name: 'Main menu' }).getByRole('link', { name: 'My tickets' }).last(),
        on,
      );
      await ada.getByRole('link', { name: /Cannot sign in after changing my phone/ }).waitFor();
      await press(ada.getByRole('link', { name: 'Closed', exact: true }), on);
      await press(ada.getByRole('link', { name: new RegExp(`Closed on ${on.viewport?.width}`) }), on);
      // Also from the page of a ticket, which has a header of its own on a phone.
      await press(ada.getByLabel('More', { exact: true }), on);
      await press(ada.getByRole('main').getByRole('link', { name: 'My tickets', exact: true }), on);
      await ada.waitForURL(/\/tickets$/);
    });
  });

  it('8: somebody about to open a second ticket goes on in the first, with what they wrote', async () => {
    const id = await stage.bellhop.file(ADA, { category: 'promotions', subject: 'Bonus is missing' });
    const ada = await stage.signIn('/new');
    await ada.locator('#body').fill('The bonus has still not come.');
    await ada.getByText('Promotions', { exact: true }).tap();
    await ada
      .getByRole('region', { name: 'Is it about one of these?' })
      .getByRole('link', { name: /Bonus is missing/ })
      .tap();
    await ada.waitForURL(`**/tickets/${id}`);
    expect(await ada.getByPlaceholder('Write your answer …').inputValue()).toBe('The bonus has still not come.');
    await ada.goto(`${stage.bellhop.portal}/new`);
    expect(await ada.locator('#body').inputValue()).toBe('');
  });

  it('9: while writing, a person is told what helps and what never to send', async () => {
    const ada = await stage.signIn('/help');
    await ada.getByRole('link', { name: 'Deposit and withdrawal' }).tap();
    await ada.getByText('the transaction id, the amount, the network or bank').waitFor();
    await ada.getByText('Never send a password, a code, a seed phrase or an identity card number.').waitFor();
    await ada.getByText('Trading', { exact: true }).tap();
    await ada.getByText('the number of the order, the market').waitFor();
    await ada.locator('#body').fill('My card is 4111 1111 1111 1111.');
    await ada.getByText('This looks like a card number').waitFor();
    await ada.locator('#body').fill('');
  });

  it('10: a ticket shows where it stands, what happened, by when an answer is due, and how it ended', async () => {
    const { bellhop } = stage;
    const id = await bellhop.file(ADA, { subject: 'Where it stands' });
    const ada = await stage.signIn(`/tickets/${id}`);
    await ada.getByText('Our turn: we will answer.').waitFor();
    const log = ada.getByRole('log');
    await log.getByText(/^Ticket opened/).waitFor();
    await bellhop.answer(id, 'assignment', { agent: 'agent@example.com' });
    await log.getByText('Somebody in support has taken it on').waitFor();
    await bellhop.answer(id, 'information-requests', {
      body: 'Which market?',
      dueAt: new Date(Date.now() + 30 * 86_400_000).toISOString(),
    });
    await ada.getByText(/^Your turn: please answer by \d+ \w+/).waitFor();
    await bellhop.answer(id, 'resolution', { body: 'It was filled at noon.' });
    await ada.getByText('Is something still wrong? Then write to us here.').waitFor();
    await log.getByText('Marked as solved').waitFor();
    await ada.getByLabel('More', { exact: true }).tap();
    await ada.getByRole('button', { name: 'Close ticket' }).tap();
    await ada.getByText('Close this ticket?').waitFor();
    await ada.getByRole('button', { name: 'Close ticket' }).last().tap();
    await ada.getByRole('button', { name: 'Open again' }).waitFor();
    await log.getByText(/^Closed/).waitFor();
  });

  itInWholeChromium('2: a push shows the number, leads to the ticket, and goes when that was read', async () => {
    const browser = await pushable(stage);
    const ada = await stage.signIn('/settings', { context: browser.context });
    await ada.getByRole('button', { name: 'Switch on here' }).tap();
    await ada.getByRole('button', { name: 'Switch off here' }).waitFor();
    await ada.getByRole('button', { name: 'Send a test' }).tap();
    await browser.deliver(ada);
    await ada.getByText('Sent: look for it.').waitFor();

    const id = await stage.bellhop.file(ADA, { subject: 'Secret subject' });
    await stage.bellhop.answer(id, 'replies', { body: 'Secret answer' });
    expect(await browser.deliver(ada)).not.toMatch(/secret/i);
    const url = `${stage.bellhop.portal}/tickets/${id}`;
    const isShown = async () => (await browser.shown(ada)).some((one) => one.url === url);
    expect(await isShown()).toBe(true);

    const [worker] = browser.context.serviceWorkers();
    await worker?.evaluate(`(async () => {
      const notification = (await registration.getNotifications()).find(({ data }) => data.url === '${url}');
      dispatchEvent(new NotificationEvent('notificationclick', { notification }));
    })()`);
    await ada.waitForURL(url);
    await ada.getByRole('log').getByText('Secret answer').waitFor();
    expect(await isShown()).toBe(false);
  });
});
