import { describe, expect, it } from '@jest/globals';
import { parseSmtpUrl } from './smtp-settings.js';

describe('EMAIL_URL', () => {
  it.each([
    [
      'smtp://127.0.0.1:1025',
      { host: '127.0.0.1', port: 1025, secure: false, requireTLS: false, tls: { rejectUnauthorized: false } },
    ],
    [
      'smtp://localhost',
      { host: 'localhost', port: 587, secure: false, requireTLS: false, tls: { rejectUnauthorized: false } },
    ],
    [
      'smtp://[::1]:25/',
      { host: '::1', port: 25, secure: false, requireTLS: false, tls: { rejectUnauthorized: false } },
    ],
    ['smtp://mailpit:1025', { host: 'mailpit', port: 1025, secure: false, requireTLS: false, tls: {} }],
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
        tls: { rejectUnauthorized: false },
      },
    ],
  ])('%s is understood', (url, server) => {
    expect(parseSmtpUrl(url)).toEqual(server);
  });

  it.each(['127.example.com', '1270.0.0.1', 'localhost.example.com'])('takes %s for no loopback', (host) => {
    expect(parseSmtpUrl(`smtp://${host}`).tls).toEqual({});
  });

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
