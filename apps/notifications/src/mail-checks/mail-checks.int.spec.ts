import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { MailCheckResponse } from '@bellhop/contracts/http';
import { Metrics } from '@bellhop/http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import nodemailer from 'nodemailer';
import type { DataSource } from 'typeorm';
import { migratedDatabase } from '../../test/database.js';
import { insertDelivery, readyDatabase, settingsOf } from '../../test/delivery-rows.js';
import { parseSender } from '../channels/email/address.js';
import { decodeFrozenMail } from '../channels/email/smtp/frozen-mail.js';
import { freezeAlertMail } from '../channels/email/smtp/message.js';
import type { TxtLookup } from './dkim/public-keys.js';
import { MailCheckMetrics } from './mail-check-metrics.js';
import { MailChecksService } from './mail-checks.service.js';

const DOMAIN = 'example.test';
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const RECORD = `v=DKIM1; k=rsa; p=${publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`;
const withKey: TxtLookup = async () => [[RECORD]];

let dataSource: DataSource;
let stop: () => Promise<void>;
let id: string;
/** Of the last check. */
let metrics: Metrics;
beforeAll(async () => {
  ({ dataSource, stop } = await migratedDatabase());
});
afterAll(() => stop?.());
afterEach(() => dataSource.query('truncate deliveries'));

/** A delivery that was sent, under an id of Postgres. */
async function recorded(columns: Record<string, unknown> = {}): Promise<void> {
  const [row] = await dataSource.query('select uuidv7() as id');
  id = row.id;
  await insertDelivery(dataSource, {
    id,
    system: 'bellhop',
    ticket_number: '7K4M2Q',
    endpoint: 'jana@example.org',
    state: 'accepted',
    attempted_at: new Date('2026-11-30T10:00:00Z'),
    ...columns,
  });
}

/** The bytes that the SMTP channel sends. */
function mailOf(more: object = {}): string {
  const frozen = freezeAlertMail({
    sender: parseSender({ from: `Example Support <support@${DOMAIN}>` }),
    recipient: 'jana@example.org',
    subject: 'Zgłoszenie 7K4M2Q zostało zaktualizowane',
    html: '<p>Zażółć</p>\n',
    text: 'Zażółć\n',
    deliveryId: id,
    generation: 0,
    copy: 0,
    ticket: { system: 'bellhop', id: 'T-1' },
    locale: 'pl',
    date: new Date(),
    ...more,
  });
  return decodeFrozenMail(frozen).raw.toString('latin1');
}

/**
 * As a mail server signs it: nodemailer has a DKIM signer of its own.
 * @param fields which, like `From:To`; by default those of RFC 6376 §5.4.1
 */
async function signed(raw: string, key: KeyObject = privateKey, fields?: string): Promise<string> {
  const transport = nodemailer.createTransport({
    streamTransport: true,
    buffer: true,
    dkim: {
      domainName: DOMAIN,
      keySelector: 'mail',
      ...(fields && { headerFieldNames: fields }),
      privateKey: key.export({ type: 'pkcs8', format: 'pem' }) as string,
    },
  });
  const { message } = await transport.sendMail({
    envelope: { from: `support@${DOMAIN}`, to: 'jana@example.org' },
    raw: Buffer.from(raw, 'latin1'),
  });
  return (message as Buffer).toString('latin1');
}

async function check(
  mail: string,
  { lookup = withKey, domain = DOMAIN }: { lookup?: TxtLookup; domain?: string } = {},
): Promise<MailCheckResponse> {
  const settings = settingsOf({
    EMAIL_FROM: `support@${DOMAIN}`,
    ...(domain && { MAIL_DKIM_DOMAIN: domain }),
  });
  metrics = new Metrics('notifications');
  const counts = new MailCheckMetrics(metrics);
  return new MailChecksService(readyDatabase(dataSource), settings, lookup, counts).check(Buffer.from(mail, 'latin1'));
}

const verdictOf = async (mail: string, options = {}) => {
  const { verdict, reason } = await check(mail, options);
  return [verdict, reason];
};
/** None that begins with `X-`. */
const SIGNED_BY_SES =
  'From:To:Subject:MIME-Version:Content-Type:Content-Transfer-Encoding:Message-ID:In-Reply-To:References:Date';
const headerOf = (mail: string) => mail.slice(0, mail.indexOf('\r\n\r\n'));
const replaced = (mail: string, from: string | RegExp, to: string) => {
  expect(mail).toMatch(from);
  return mail.replace(from, to);
};

describe('a mail of ours', () => {
  it('is ours: recorded, to this recipient, and signed as a whole', async () => {
    await recorded();
    expect(await check(await signed(mailOf()))).toEqual({
      verdict: 'ours',
      reason: null,
      advice: expect.stringContaining('We sent it'),
      mail: { ticketNumber: '7K4M2Q', sentTo: 'j***@e***', sentAt: '2026-11-30T10:00:00.000Z' },
    });
    expect(await metrics.metrics()).toMatch(/bellhop_mail_checks_total\{verdict="ours",reason="".*\} 1/);
  });

  it('is ours as a mail program saves it, and with fields that servers have added', async () => {
    await recorded();
    const mail = await signed(mailOf());
    expect(await verdictOf(mail.replaceAll('\r\n', '\n'))).toEqual(['ours', null]);
    const received = `Received: from mx.example.org by inbox.example.org\r\nX-Spam-Score: 0\r\n${mail}`;
    expect(await verdictOf(received)).toEqual(['ours', null]);
  });

  it('is ours where a provider has put its own Message-ID, or it was sent once more on purpose', async () => {
    await recorded();
    const bySes = replaced(mailOf(), /Message-ID: .*/, 'Message-ID: <0100@eu-west-1.amazonses.com>');
    expect(await verdictOf(await signed(bySes))).toEqual(['ours', null]);
    expect(await verdictOf(await signed(mailOf({ copy: 1 })))).toEqual(['ours', null]);
  });

  it.each([
    ['Amazon SES and Resend', SIGNED_BY_SES],
    ['a signer of all that it is told to', 'From:To:Subject:X-Delivery-ID'],
  ])('is ours where its id is signed, or the thread of its ticket: %s', async (_, fields) => {
    await recorded();
    const mail = mailOf({ unsubscribeUrl: 'https://example.test/u/t' });
    const bySes = replaced(mail, /Message-ID: .*/, 'Message-ID: <0100@eu-west-1.amazonses.com>');
    expect(await verdictOf(await signed(bySes, privateKey, `${fields}:List-Unsubscribe`))).toEqual(['ours', null]);
  });

  it('is ours where a server has added an address for answers, and signed it', async () => {
    await recorded();
    const mail = await signed(`Reply-To: support@${DOMAIN}\r\n${mailOf()}`);
    expect(await verdictOf(mail)).toEqual(['ours', null]);
  });

  it('is ours if it is about many tickets, and names none', async () => {
    await recorded({ template: 'tickets_waiting' });
    expect(await verdictOf(await signed(mailOf({ subject: '12 tickets wait' })))).toEqual(['ours', null]);
  });

  it.each<[string, (mail: string) => string, object, string]>([
    ['only its header was sent', headerOf, {}, 'body_missing'],
    ['a gateway has changed it', (mail) => `${mail}This mail is from outside.\r\n`, {}, 'signature_broken'],
    ['its key is gone', (mail) => mail, { lookup: async () => [] }, 'signature_broken'],
    [
      'DNS does not answer',
      (mail) => mail,
      { lookup: () => Promise.reject(Object.assign(new Error(), { code: 'ESERVFAIL' })) },
      'dns_unavailable',
    ],
    ['nobody knows how ours are signed', (mail) => mail, { domain: '' }, 'signature_not_configured'],
    ['its answers go elsewhere', (mail) => `Reply-To: eve@evil.example\r\n${mail}`, {}, 'signature_broken'],
    [
      'a click on "unsubscribe" goes elsewhere',
      (mail) => `List-Unsubscribe: <https://evil.example>\r\n${mail}`,
      {},
      'signature_broken',
    ],
    [
      'only a part of it is signed',
      (mail) => replaced(mail, 'DKIM-Signature: v=1;', 'DKIM-Signature: v=1; l=5;'),
      {},
      'signature_broken',
    ],
  ])('cannot be told when %s', async (_, change, options, reason) => {
    await recorded();
    expect(await verdictOf(change(await signed(mailOf())), options)).toEqual(['cannot_tell', reason]);
  });

  it.each([
    ['the recipient', 'From:Subject:Date:Message-ID:In-Reply-To'],
    ['all that names it', 'From:To:Subject:Date:MIME-Version:Content-Type'],
  ])('cannot be told when its signature leaves out %s', async (_, fields) => {
    await recorded();
    const mail = await signed(mailOf(), privateKey, fields);
    expect(await verdictOf(mail)).toEqual(['cannot_tell', 'signature_broken']);
  });

  it('cannot be told when it has the id of one mail, and the signed thread of another ticket', async () => {
    await recorded();
    const other = mailOf({ ticket: { system: 'bellhop', id: 'T-2' } });
    const mail = replaced(other, /Message-ID: .*/, 'Message-ID: <0100@eu-west-1.amazonses.com>');
    expect(await verdictOf(await signed(mail, privateKey, SIGNED_BY_SES))).toEqual(['cannot_tell', 'signature_broken']);
  });

  it('cannot be told when it is from another address of our domain, which has signed it', async () => {
    await recorded();
    const mail = replaced(mailOf(), `<support@${DOMAIN}>`, `<news@${DOMAIN}>`);
    expect(await verdictOf(await signed(mail))).toEqual(['cannot_tell', 'signed_not_in_record']);
    expect(await verdictOf(mail)).toEqual(['not_ours', 'not_in_record']);
  });

  it('cannot be told when it is older than what is remembered, or signed and not remembered', async () => {
    id = '0199f3a1-7c1e-7d55-9d2e-3b6a5b1f0c11';
    expect(await verdictOf(mailOf())).toEqual(['cannot_tell', 'too_old']);
    await recorded();
    const mail = await signed(mailOf());
    await dataSource.query('truncate deliveries');
    expect(await verdictOf(mail)).toEqual(['cannot_tell', 'signed_not_in_record']);
  });
});

describe('a forged mail', () => {
  const stranger = generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey;

  it.each<[string, (mail: string) => string | Promise<string>, string]>([
    ['comes from elsewhere', (mail) => replaced(mail, `support@${DOMAIN}>`, 'support@example.tset>'), 'other_sender'],
    [
      'shows our address in front of another',
      (mail) => replaced(mail, /^From: .*/m, `From: "support@${DOMAIN}" <a@evil.example>`),
      'other_sender',
    ],
    ['has an id that was never given', (mail) => mail.replaceAll(id, fresh(id)), 'not_in_record'],
    ['has the id of a mail to somebody else', (mail) => replaced(mail, 'To: jana@', 'To: eve@'), 'not_in_record'],
    ['is about another ticket', (mail) => replaced(mail, /7K4M2Q/, 'AAAAAA'), 'not_in_record'],
    ['copies all of a genuine mail but its signature', (mail) => mail, 'not_signed'],
    ['has two subjects', (mail) => `Subject: You have won\r\n${mail}`, 'malformed'],
  ])('is not ours: it %s', async (_, forge, reason) => {
    await recorded();
    expect(await verdictOf(await forge(mailOf()))).toEqual(['not_ours', reason]);
  });

  it.each<[string, (mail: string) => string | Promise<string>]>([
    [
      'with another link in it',
      async (mail) => replaced(await signed(mail), '<p>', '<p><a href=3D"https://evil.example">'),
    ],
    ['signed with a key of their own', (mail) => signed(mail, stranger)],
    [
      'with the signature of another mail',
      async (mail) => (await signed(mail)).replace(/Date: .*/, 'Date: Mon, 1 Jan 2024 00:00:00 +0000'),
    ],
  ])('is never called ours, though it has a genuine id and recipient: %s', async (_, forge) => {
    await recorded();
    expect(await verdictOf(await forge(mailOf()))).toEqual(['cannot_tell', 'signature_broken']);
  });

  it('says the same whether a mailbox exists or not', async () => {
    await recorded();
    const known = replaced(mailOf(), 'Subject', 'Subject').replaceAll(id, fresh(id));
    expect(await check(known)).toEqual(await check(replaced(known, 'To: jana@', 'To: nobody@')));
  });
});

/** Another id of the same time. */
const fresh = (other: string) => `${other.slice(0, -4)}${other.endsWith('0000') ? 'ffff' : '0000'}`;
