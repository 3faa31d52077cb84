import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { selfSigned } from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { clientName, parseSmtpUrl } from './url.js';

const CA = join(mkdtempSync(join(tmpdir(), 'bellhop-ca-')), 'ca.pem');
beforeAll(() => writeFileSync(CA, selfSigned('relay.example.com').cert));
afterAll(() => rmSync(dirname(CA), { recursive: true }));

const ANY_CERTIFICATE = { rejectUnauthorized: false, minVersion: 'TLSv1', ciphers: 'DEFAULT:@SECLEVEL=0' };

describe('EMAIL_URL', () => {
  it.each([
    [
      'smtp://127.0.0.1:1025',
      { host: '127.0.0.1', port: 1025, secure: false, requireTLS: false, tls: ANY_CERTIFICATE },
    ],
    ['smtp://localhost', { host: 'localhost', port: 587, secure: false, requireTLS: false, tls: ANY_CERTIFICATE }],
    ['smtp://[::1]:25/', { host: '::1', port: 25, secure: false, requireTLS: false, tls: ANY_CERTIFICATE }],
    // Plain text would do: so does any certificate.
    ['smtp://mailpit:1025', { host: 'mailpit', port: 1025, secure: false, requireTLS: false, tls: ANY_CERTIFICATE }],
    ['smtps://127.0.0.1', { host: '127.0.0.1', port: 465, secure: true, requireTLS: false, tls: ANY_CERTIFICATE }],
    [
      'smtp://relay.example.com?name=mail.example.com',
      {
        host: 'relay.example.com',
        port: 587,
        secure: false,
        requireTLS: false,
        name: 'mail.example.com',
        tls: ANY_CERTIFICATE,
      },
    ],
    [
      'smtps://relay.example.com/?name=%5B192.0.2.7%5D',
      { host: 'relay.example.com', port: 465, secure: true, requireTLS: false, name: '[192.0.2.7]', tls: {} },
    ],
    ['smtps://mail.example.com', { host: 'mail.example.com', port: 465, secure: true, requireTLS: false, tls: {} }],
    [
      'smtp://bellhop%40example.com:p%2Fw%3A1@mail.example.com:587',
      {
        host: 'mail.example.com',
        port: 587,
        secure: false,
        // A password never goes out in the clear.
        requireTLS: true,
        auth: { user: 'bellhop@example.com', pass: 'p/w:1' },
        tls: {},
      },
    ],
    [
      'smtp://user:pass@127.0.0.1:2525',
      {
        host: '127.0.0.1',
        port: 2525,
        secure: false,
        requireTLS: false,
        auth: { user: 'user', pass: 'pass' },
        tls: ANY_CERTIFICATE,
      },
    ],
  ])('%s is understood', (url, server) => {
    expect(parseSmtpUrl(url)).toEqual(server);
  });

  it.each(['127.example.com', '1270.0.0.1', 'localhost.example.com'])('takes %s for no loopback', (host) => {
    expect(parseSmtpUrl(`smtps://${host}`).tls).toEqual({});
    expect(parseSmtpUrl(`smtp://user:pass@${host}`)).toMatchObject({ requireTLS: true, tls: {} });
  });

  it.each([
    'smtp://127.0.0.1',
    'smtp://relay.example.com',
    'smtps://relay.example.com',
    'smtp://u:p@relay.example.com',
  ])('with a CA wants TLS under a certificate of its own: %s', (url) => {
    const server = parseSmtpUrl(`${url}?ca=${encodeURIComponent(CA)}`);
    expect(server.tls).toEqual({ ca: readFileSync(CA, 'utf8') });
    expect(server.secure || server.requireTLS).toBe(true);
  });

  it.each([
    ['/nowhere/ca.pem', 'ENOENT'],
    [tmpdir(), 'EISDIR'],
    [fileURLToPath(import.meta.url), 'no certificate|ERR_OSSL'],
  ])('says what is wrong with a CA file: %s', (path, why) => {
    const url = `smtps://user:secret@relay.example.com?ca=${encodeURIComponent(path)}`;
    expect(() => parseSmtpUrl(url)).toThrow(new RegExp(`^ca= in EMAIL_URL must be .* PEM.*\\((${why})`));
    expect(() => parseSmtpUrl(url)).not.toThrow(/secret/);
  });

  it.each(['', 'a b', 'mail_1', '-x', '192.0.2.300]', '[192.0.2.300]', '[mail]', 'mail.example.com\r\nMAIL FROM:<x>'])(
    'says what a name is that %j is not',
    (name) => {
      const url = `smtp://user:secret@relay.example.com?name=${encodeURIComponent(name)}`;
      expect(() => parseSmtpUrl(url)).toThrow(/^name= in EMAIL_URL must be the host name/);
    },
  );

  it.each([
    '',
    'mail.example.com:25',
    'http://mail.example.com',
    'resend://secret-key',
    'smtp://',
    'smtp://user@mail.example.com',
    'smtp://user:%zz@mail.example.com',
    'smtp://user:secret/1@mail.example.com',
    'smtp://mail.example.com/path',
    'smtp://mail.example.com?ignoreTLS=true',
    'smtp://mail.example.com?name=a.example&name=b.example',
    'smtp://mail.example.com?ca=',
    'smtp://mail.example.com?name=a.example&secure=no',
    'smtp://mail.example.com#name=a.example',
  ])('refuses %j, says what is right, and does not repeat it', (url) => {
    const error = (() => {
      try {
        return parseSmtpUrl(url);
      } catch (thrown) {
        return thrown as Error;
      }
    })();
    expect(error).toMatchObject({ code: 'invalid_email_url', message: expect.stringContaining('smtp://host:port') });
    expect((error as Error).message).not.toContain('secret');
    expect((error as Error).cause).toBeUndefined();
  });
});

describe('what we call ourselves', () => {
  it.each<[string[], string | undefined]>([
    [['example.com', 'support.example.com'], 'example.com'],
    [['xn--mller-kva.example', 'localhost'], 'xn--mller-kva.example'],
    // No full names: a container, a machine without one, an address.
    [['localhost', 'support.example.com'], 'support.example.com'],
    [['192.0.2.1', 'support.example.com'], 'support.example.com'],
    [['mail', 'localhost'], undefined],
    [['mail', '127.0.0.1'], undefined],
    [['mail', '[::1]'], undefined],
  ])('for hosts %j is %j', (hosts, name) => {
    expect(clientName(...hosts)).toBe(name);
  });
});
