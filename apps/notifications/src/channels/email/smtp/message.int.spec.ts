import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { domainToASCII } from 'node:url';
import { headerOf, headersOf } from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import MailComposer from 'nodemailer/lib/mail-composer';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { parseSender } from '../address.js';
import type { AlertMail } from '../alert-mail.js';
import { EmailError } from '../email.errors.js';
import { alertHeaders } from '../headers.js';
import { decodeFrozenMail } from './frozen-mail.js';
import { freezeAlertMail } from './message.js';
import { SmtpProvider } from './smtp-provider.js';

/** Another implementation of SMTP than the sink's: what both understand alike is what other servers understand. */
async function startServer(options: SMTPServerOptions = {}) {
  const received: { from: string; to: string[]; secure: boolean; user: unknown; raw: Buffer }[] = [];
  const server = new SMTPServer({
    authOptional: true,
    // Also keeps it from warning of its built-in certificate.
    logger: false,
    onAuth: ({ username, password }, _session, done) =>
      password === 'right' ? done(null, { user: username }) : done(new Error('Invalid login')),
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        received.push({
          from: mailFrom ? mailFrom.address : '',
          to: rcptTo.map(({ address }) => address),
          secure: session.secure,
          user: session.user,
          raw: Buffer.concat(chunks),
        });
        done();
      });
    },
    ...options,
  });
  // A client that turns away during the handshake is what one of the tests is about.
  server.on('error', () => {});
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  return { received, port, stop: () => new Promise<void>((resolve) => server.close(() => resolve())) };
}

const mail: AlertMail = {
  sender: parseSender({ from: '"Wsparcie, Łódź" <support@example.com>', bounce: 'bounces@example.com' }),
  recipient: 'jana@example.org',
  subject: 'Zgłoszenie 7K4M2Q zostało zaktualizowane',
  deliveryId: '0199f3a1-7c1e-7d55-9d2e-3b6a5b1f0c11',
  generation: 0,
  copy: 0,
  ticket: { system: 'crm', id: 'T-1' },
  locale: 'pl',
  date: new Date('2026-11-22T10:15:30.123Z'),
  html: `<p>Zażółć 工单 ${'gęślą jaźń '.repeat(30)}</p>`,
  text: 'Zażółć 工单\n.\nhttps://help.example.com/t/abc',
};

describe('a frozen alert', () => {
  let server: Awaited<ReturnType<typeof startServer>>;
  let channel: SmtpProvider;
  beforeAll(async () => {
    server = await startServer({ hideSTARTTLS: true, disabledCommands: ['AUTH'] });
    channel = new SmtpProvider({ url: `smtp://127.0.0.1:${server.port}`, maxConnections: 2 });
  });
  afterAll(async () => {
    await channel.close();
    await server.stop();
  });

  const deliver = async (alert: AlertMail) => {
    const bytes = freezeAlertMail(alert);
    expect(await channel.send([{ deliveryId: alert.deliveryId, bytes }])).toMatchObject([{ kind: 'accepted' }]);
    return server.received.at(-1)!;
  };

  it('reaches the server with these headers, in text and html, and with nothing of ours that nobody asked for', async () => {
    const got = await deliver({
      ...mail,
      unsubscribeUrl: `https://help.example.com/api/unsubscribe/${'t0ken'.repeat(30)}`,
    });
    expect(got).toMatchObject({ from: 'bounces@example.com', to: ['jana@example.org'] });
    const headers = Object.fromEntries(headersOf(got.raw));
    const root = '<ticket.08bc969185103c8afe00588f0c7d4d45@example.com>';
    expect(headers).toEqual({
      From: expect.stringMatching(/^=\?UTF-8\?[QB]\?\S+\?= <support@example.com>$/),
      To: 'jana@example.org',
      Subject: expect.stringMatching(/^=\?UTF-8\?Q\?Zg=C5=82oszenie_7K4M2Q/),
      'Message-ID': '<0199f3a1-7c1e-7d55-9d2e-3b6a5b1f0c11@example.com>',
      References: root,
      'In-Reply-To': root,
      Date: 'Sun, 22 Nov 2026 10:15:30 +0000',
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'OOF, AutoReply',
      'Content-Language': 'pl',
      'X-Delivery-ID': '0199f3a1-7c1e-7d55-9d2e-3b6a5b1f0c11',
      'List-Unsubscribe': `<https://help.example.com/api/unsubscribe/${'t0ken'.repeat(30)}>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      'MIME-Version': '1.0',
      'Content-Type': expect.stringMatching(/^multipart\/alternative;\s+boundary=/),
    });
    const [text, html] = partsOf(got.raw);
    expect(text).toEqual({ type: 'text/plain; charset=utf-8', content: mail.text.replace(/\n/g, '\r\n') });
    expect(html).toEqual({ type: 'text/html; charset=utf-8', content: mail.html });
  });

  it('holds only lines that any server may relay: ASCII, CRLF, at most 998 characters', async () => {
    const { raw } = decodeFrozenMail(
      await freezeAlertMail({ ...mail, text: '長'.repeat(2000), html: 'ż'.repeat(5000) }),
    );
    const text = raw.toString('latin1');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: "all ASCII" begins at NUL
    expect(text).toMatch(/^[\u0001-\u007f]*$/);
    expect(text.replace(/\r\n/g, '')).not.toMatch(/[\r\n]/);
    expect(Math.max(...text.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(998);
  });

  it('is what the composer itself would have written', async () => {
    const { raw } = decodeFrozenMail(freezeAlertMail(mail));
    const { html, text, subject } = mail;
    const { from, to, messageId, references, inReplyTo, date, others } = alertHeaders(mail);
    const fields = { from, to, subject, messageId, references, inReplyTo, date, headers: others };
    const built = await new MailComposer({ ...fields, html, text, newline: 'win' }).compile().build();
    const headers = (bytes: Buffer) =>
      headersOf(bytes).map(([name, value]) => [name, value.replace(/boundary="[^"]+"/, 'boundary')]);
    expect(headers(raw)).toEqual(headers(built));
    expect(partsOf(raw)).toEqual(partsOf(built));
  });

  it('takes text that looks like a path, a link or markup for text', async () => {
    const { raw } = decodeFrozenMail(
      await freezeAlertMail({ ...mail, text: '/etc/passwd', html: 'file:///etc/passwd' }),
    );
    expect(partsOf(raw).map(({ content }) => content)).toEqual(['/etc/passwd', 'file:///etc/passwd']);
  });

  it('S13 has exactly the expected recipient and headers at the server, or is refused, whatever the values are', async () => {
    const names = headersOf((await deliver(mail)).raw).map(([name]) => name);
    const hostile = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 80 }),
      fc
        .array(
          fc.constantFrom(
            '\r\n',
            '\n',
            '\r',
            '\0',
            '\u2028',
            ',',
            ';',
            ':',
            '<',
            '>',
            '@',
            '"',
            '(',
            ')',
            '\\',
            'Bcc: eve@evil.example',
            ' ',
            'ż',
            '工',
          ),
        )
        .map((parts) => parts.join('')),
    );
    const recipient = fc.oneof(
      { weight: 2, arbitrary: fc.emailAddress() },
      hostile,
      hostile.map((text) => `jana${text}@example.org`),
      hostile.map((text) => `jana@example.org${text}`),
    );
    let [delivered, refused] = [0, 0];
    const property = fc.asyncProperty(recipient, hostile, fc.boolean(), async (address, text, isPlain) => {
      const before = server.received.length;
      const subject = isPlain ? `Ticket ${text.replace(/\p{C}|\p{Z}/gu, ' ')}` : `Ticket ${text}`;
      try {
        const got = await deliver({ ...mail, recipient: address, subject });
        delivered++;
        expect(server.received).toHaveLength(before + 1);
        // This server shows an international host in its own letters.
        expect(got.to.map(asciiForm)).toEqual([asciiForm(address)]);
        expect(asciiForm(headerOf(got.raw, 'to') ?? '')).toBe(asciiForm(address));
        expect(headersOf(got.raw).map(([name]) => name)).toEqual(names);
        expect(decodeWords(headerOf(got.raw, 'subject') ?? '')).toBe(subject.trim());
      } catch (error) {
        if (!(error instanceof EmailError)) throw error;
        refused++;
        expect(server.received).toHaveLength(before);
      }
    });
    await fc.assert(property, { numRuns: 600 });
    expect(Math.min(delivered, refused)).toBeGreaterThan(50);
  });
});

describe('the way to the server', () => {
  const first = async (url: string) => {
    const channel = new SmtpProvider({ url, maxConnections: 1 });
    try {
      return (await channel.send([{ deliveryId: 'd1', bytes: freezeAlertMail(mail) }]))[0];
    } finally {
      await channel.close();
    }
  };

  it('is encrypted as soon as the server offers it', async () => {
    const server = await startServer();
    expect(await first(`smtp://127.0.0.1:${server.port}`)).toMatchObject({ kind: 'accepted' });
    expect(server.received[0]).toMatchObject({ secure: true });
    await server.stop();
  });

  it('is encrypted from the first byte with smtps, and logs in', async () => {
    const server = await startServer({ secure: true, authOptional: false });
    expect(await first(`smtps://bell%40hop:right@127.0.0.1:${server.port}`)).toMatchObject({ kind: 'accepted' });
    expect(server.received[0]).toMatchObject({ secure: true, user: 'bell@hop' });
    await server.stop();
  });

  it('ends at a wrong password: our set-up, not the address, and the password is not told', async () => {
    const server = await startServer({ authOptional: false });
    const outcome = await first(`smtp://bellhop:wr0ng@127.0.0.1:${server.port}`);
    expect(outcome).toMatchObject({ kind: 'not_sent', cause: expect.stringMatching(/^login_refused: 535/) });
    expect(JSON.stringify(outcome)).not.toContain('wr0ng');
    await server.stop();
  });

  it('ends at a server that wants a login when we have none', async () => {
    const server = await startServer({ authOptional: false });
    expect(await first(`smtp://127.0.0.1:${server.port}`)).toMatchObject({
      kind: 'not_sent',
      cause: expect.stringMatching(/^sender_refused: 530/),
    });
    await server.stop();
  });
});

/** The parts of a multipart/alternative, decoded by rules written for this test alone. */
function partsOf(raw: Buffer): { type: string; content: string }[] {
  const boundary = /boundary="?([^"\r\n;]+)/.exec(headerOf(raw, 'content-type') ?? '')?.[1];
  const parts = raw.toString('latin1').split(`--${boundary}`).slice(1, -1);
  return parts.map((part) => {
    const bytes = Buffer.from(part.slice(2, -2), 'latin1');
    const body = bytes.toString('latin1', bytes.indexOf('\r\n\r\n') + 4);
    const encoding = headerOf(bytes, 'content-transfer-encoding');
    const decoded =
      encoding === 'base64'
        ? Buffer.from(body, 'base64')
        : encoding === 'quoted-printable'
          ? fromQuoted(body)
          : Buffer.from(body);
    return { type: headerOf(bytes, 'content-type') ?? '', content: decoded.toString('utf8') };
  });
}

function fromQuoted(text: string): Buffer {
  const octets = text
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(octets, 'latin1');
}

/** RFC 2047, as far as a mail program needs it to show the subject. */
function decodeWords(value: string): string {
  return value
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/(?:=\?UTF-8\?[QB]\?[^?]*\?=)+/gi, (run) => {
      const octets = [...run.matchAll(/=\?UTF-8\?([QB])\?([^?]*)\?=/gi)].map(([, kind, text = '']) =>
        kind?.toUpperCase() === 'B' ? Buffer.from(text, 'base64') : fromQuoted(text.replace(/_/g, ' ')),
      );
      return Buffer.concat(octets).toString('utf8');
    })
    .trim();
}

function asciiForm(address: string): string {
  const at = address.lastIndexOf('@');
  return `${address.slice(0, at)}@${domainToASCII(address.slice(at + 1))}`;
}
