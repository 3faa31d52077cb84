import { waitFor } from '@bellhop/local-stack';
import { afterAll, expect, it } from '@jest/globals';
import { inBrowser, type Stage } from './in-browser.js';
import { runBellhop } from './running-bellhop.js';
import { type MailSigner, startMailSigner } from './signed-mails.js';

const DOMAIN = 'bellhop.example';
const ADA = 'ada@example.com';
/** Two tickets of Ada that `up` begins with. */
const [MUTED, OTHER] = ['5EED02', '5EED01'];
const idOf = (number: string) => `5eed0000-0000-4000-8000-0000000000${number.slice(-2)}`;

interface Mail {
  readonly id: string;
  readonly subject: string;
  readonly text: string;
  readonly to: readonly { readonly address: string }[];
}

let signer: MailSigner;
const start = async () => {
  signer = await startMailSigner(DOMAIN);
  return runBellhop({ MAIL_DKIM_DOMAIN: DOMAIN, DNS_SERVERS: signer.nameServer });
};
afterAll(() => signer?.stop());

inBrowser('what a person decides', specs, start);

function specs(stage: Stage): void {
  const mailsAbout = async (number: string): Promise<Mail[]> => {
    const mails = (await (await fetch(`${stage.bellhop.mailbox}/email`)).json()) as Mail[];
    return mails.filter(({ to, subject }) => to.some(({ address }) => address === ADA) && subject.includes(number));
  };
  /** The mail about what an agent answers now. */
  const mailAfterAnswer = async (number: string): Promise<Mail> => {
    const { length } = await mailsAbout(number);
    await stage.bellhop.answer(idOf(number), 'replies', { body: 'We are looking into it.' });
    await waitFor(async () => (await mailsAbout(number)).length > length, { what: 'a mail', timeoutMs: 30_000 });
    return (await mailsAbout(number)).at(-1) as Mail;
  };

  it('18: a phrase needs a recent sign-in, and stands in the next mail', async () => {
    stage.expectComplaint(/phrase: .* 401/);
    const ada = await stage.page();
    // An open page of last week: the service sees a sign-in that is long ago.
    const sign = { method: 'POST', headers: { 'content-type': 'application/json' } };
    const authTime = Math.floor(Date.now() / 1_000) - 7 * 86_400;
    const old = await fetch(`${stage.bellhop.oidc}/dev/token`, {
      ...sign,
      body: JSON.stringify({ email: ADA, authTime }),
    });
    const { access_token } = (await old.json()) as { access_token: string };
    await ada.route('**/api/**', (route) =>
      route.continue({ headers: { ...route.request().headers(), authorization: `Bearer ${access_token}` } }),
    );
    await ada.goto(`${stage.bellhop.portal}/settings`);
    await ada.getByLabel('Your words').fill('seven green herons');
    await ada.getByRole('button', { name: 'Set', exact: true }).click();
    await ada.getByRole('link', { name: 'Sign in again' }).click();
    await ada.getByText(ADA).click();
    await ada.waitForURL(`${stage.bellhop.portal}/settings#phrase`);
    // What was typed is there, and one press away.
    expect(await ada.getByLabel('Your words').inputValue()).toBe('seven green herons');
    await ada.getByRole('button', { name: 'Set', exact: true }).click();
    await ada.getByText('seven green herons').waitFor();
    expect((await mailAfterAnswer(OTHER)).text).toContain('seven green herons');

    await ada.getByRole('button', { name: 'Remove', exact: true }).click();
    await ada.getByText('Removed.').waitFor();
    expect((await mailAfterAnswer(OTHER)).text).not.toContain('seven green herons');
  });

  it('2: nothing comes about a muted ticket, until it is unmuted', async () => {
    const ada = await stage.signIn(`/tickets/${idOf(MUTED)}`);
    await ada.getByLabel('More', { exact: true }).click();
    await ada.getByRole('button', { name: 'Mute this ticket' }).click();
    await ada.getByText('Muted: you hear nothing of this ticket.').waitFor();
    // Not in sight any more: what is seen there is not mailed either.
    await ada.goto(`${stage.bellhop.portal}/settings`);
    const { length } = await mailsAbout(MUTED);
    await stage.bellhop.answer(idOf(MUTED), 'replies', { body: 'Nobody hears of this.' });
    await mailAfterAnswer(OTHER);
    expect(await mailsAbout(MUTED)).toHaveLength(length);

    await ada.getByRole('button', { name: /^Unmute/ }).click();
    await ada.getByText('You have muted no ticket.').waitFor();
    await mailAfterAnswer(MUTED);
  });

  it('2: a whole channel is switched off, and back on, with what was chosen below it', async () => {
    const ada = await stage.signIn('/settings');
    const [all, one] = [/^Everything: Email/, /^We answered: Email/].map((name) => ada.getByRole('switch', { name }));
    await all?.click();
    await ada.getByRole('switch', { name: /^We answered: Email.*switched off/ }).waitFor();
    await ada.getByText('Saved', { exact: true }).waitFor();
    await ada.reload();
    expect(await all?.isChecked()).toBe(false);
    // It says why it does nothing, also where there are no titles.
    await one?.click({ force: true });
    await ada.getByRole('status').getByText('This whole way is switched off.').waitFor();
    await all?.click();
    await ada.getByRole('switch', { name: 'We answered: Email', exact: true }).waitFor();
    expect(await one?.isChecked()).toBe(true);
  });

  it('2: choices that are made faster than they are saved all count', async () => {
    const ada = await stage.signIn('/settings');
    await ada.route('**/api/notifications/preferences', async (route) => {
      if (route.request().method() === 'PUT') await new Promise((resolve) => setTimeout(resolve, 500));
      await route.continue();
    });
    const names = ['We answered: Push', 'Your problem is solved: Push'];
    for (const name of names) await ada.getByRole('switch', { name }).click();
    // Shown at once, saved in a while.
    await ada.getByText('Saving …').waitFor();
    for (const name of names) expect(await ada.getByRole('switch', { name }).isChecked()).toBe(false);
    await ada.getByText('Saved', { exact: true }).waitFor();
    await ada.reload();
    for (const name of names) expect(await ada.getByRole('switch', { name }).isChecked()).toBe(false);
  });

  it('2: a choice that cannot be saved is taken back, and says so', async () => {
    stage.expectComplaint(/ERR_FAILED/);
    const ada = await stage.signIn('/settings');
    await ada.route('**/api/notifications/preferences', (route) =>
      route.request().method() === 'PUT' ? route.abort() : route.continue(),
    );
    const bell = ada.getByRole('switch', { name: 'We answered: Bell' });
    await bell.click();
    await ada.getByRole('alert').getByText('There was no answer.').waitFor();
    await waitFor(() => bell.isChecked(), { what: 'the switch to be on again' });
  });

  it('S48: who signs out in one tab is signed out in all of them', async () => {
    stage.expectComplaint(/401/);
    const ada = await stage.signIn('/settings');
    const other = await ada.context().newPage();
    await other.goto(`${stage.bellhop.portal}/tickets`);
    await other.getByText('Withdrawal pending').waitFor();
    await ada.getByLabel(/^Menu/).click();
    await ada.getByRole('button', { name: 'Sign out' }).click();
    await other.getByRole('heading', { name: 'Please sign in' }).waitFor();
    expect(await other.getByText('Withdrawal pending').count()).toBe(0);
  });

  it('3: a guest sees for whom a ticket is open, and closes it on a computer of others', async () => {
    stage.expectComplaint(/401/);
    const guest = await stage.page();
    const { field, code } = await stage.fileAsGuest(guest, 'gast@example.net');
    await field.fill(code);
    await guest.waitForURL(/\/tickets\/[0-9a-f-]{36}$/);
    const ticket = guest.url();
    await guest.getByLabel('More', { exact: true }).click();
    await guest.getByText(/^Open for g\*\*\*@e\*\*\*, until .*\d\d:\d\d$/).waitFor();
    await guest.getByRole('button', { name: 'Close for everybody on this device' }).click();
    await guest.waitForURL(`${stage.bellhop.portal}/help`);
    await guest.goto(ticket);
    await guest.getByRole('heading', { name: 'Please sign in' }).waitFor();
  });

  it('18: a mail of ours is called ours, and a forged one is not', async () => {
    const { id } = await mailAfterAnswer(OTHER);
    const mail = signer.signed(await (await fetch(`${stage.bellhop.mailbox}/email/${id}/source`)).text());
    // Without an account: whoever doubts a mail asks first.
    const somebody = await stage.page();
    await somebody.goto(`${stage.bellhop.portal}/check`);
    const file = { name: 'mail.eml', mimeType: 'message/rfc822', buffer: Buffer.from(mail, 'latin1') };
    await somebody.locator('input[type=file]').setInputFiles(file);
    await somebody.getByRole('heading', { name: 'Yes, this email is from us' }).waitFor();
    await somebody.getByText(OTHER).waitFor();

    await somebody.getByRole('button', { name: 'Check another one' }).click();
    await somebody
      .getByLabel('The email')
      .fill(mail.replace(/^From: .*$/m, `From: Support <support@${DOMAIN}.evil.example>`));
    await somebody.getByRole('button', { name: 'Check this email' }).click();
    await somebody.getByRole('heading', { name: 'No, this email is not from us' }).waitFor();

    await somebody.getByRole('button', { name: 'Check another one' }).click();
    await somebody.getByLabel('The email').fill(mail.replace('http://localhost', 'http://evil.example'));
    await somebody.getByRole('button', { name: 'Check this email' }).click();
    await somebody.getByRole('heading', { name: /^We cannot tell/ }).waitFor();
  });
}
