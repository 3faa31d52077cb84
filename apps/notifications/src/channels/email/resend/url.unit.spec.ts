import { describe, expect, it } from '@jest/globals';
import { checkEmailUrl, emailProviders } from '../email-url.js';
import { parseResendUrl } from './url.js';

const errorOf = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    return error as Error & { code?: string };
  }
  throw new Error('it did not throw');
};

describe('EMAIL_URL for Resend', () => {
  it.each([
    ['resend://re_AbC123_xYz', { origin: 'https://api.resend.com', apiKey: 're_AbC123_xYz' }],
    ['RESEND://re_AbC/', { origin: 'https://api.resend.com', apiKey: 're_AbC' }],
    ['resend://Key.With-all~of+it', { origin: 'https://api.resend.com', apiKey: 'Key.With-all~of+it' }],
    ['resend://re_Local@127.0.0.1:4010', { origin: 'http://127.0.0.1:4010', apiKey: 're_Local' }],
    ['resend://re_Local@[::1]:4010', { origin: 'http://[::1]:4010', apiKey: 're_Local' }],
    ['resend://re_Local@mail-api:8080/', { origin: 'http://mail-api:8080', apiKey: 're_Local' }],
    ['resend://re_Local@mail-api', { origin: 'http://mail-api', apiKey: 're_Local' }],
    ['resend://re_Abc?rate=5', { origin: 'https://api.resend.com', apiKey: 're_Abc', rate: 5 }],
    ['resend://re_Abc@mail-api:80/?rate=10', { origin: 'http://mail-api', apiKey: 're_Abc', rate: 10 }],
  ])('%s is understood, upper case and all', (url, server) => {
    expect(parseResendUrl(url)).toEqual(server);
  });

  it.each([
    '',
    'resend://',
    'resend:re_secret',
    'resend://@127.0.0.1:80',
    'resend://re_secret:extra@127.0.0.1:80',
    'resend://re_secret@',
    'resend://re_secret@127.0.0.1:notaport',
    'resend://re_secret@127.0.0.1:0',
    'resend://re_secret@127.0.0.1:70000',
    'resend://re_secret@host/path',
    'resend://re_secret@host?x=y',
    'resend://re_secret@a@b',
    'resend://re_secret?x=y',
    'resend://re secret',
    'resend://re_secret\r\nX-Header: y',
    'resend://re_ключ-secret',
    // In the clear to Resend itself can only be a slip.
    'resend://re_secret@api.resend.com',
    'resend://re_secret@API.Resend.com:443',
  ])('refuses %j, says what is right, and does not repeat it', (url) => {
    const error = errorOf(() => parseResendUrl(url));
    expect(error).toMatchObject({ code: 'invalid_email_url', message: expect.stringContaining('resend://<api key>') });
    expect(error.message).not.toContain('secret');
    expect(error.cause).toBeUndefined();
  });
});

it.each(['resend://re_secret?rate=0', 'resend://re_secret?rate=1001', 'resend://re_secret@h?rate=x'])(
  '%j has no rate that can be kept',
  (url) => {
    const error = errorOf(() => parseResendUrl(url));
    expect(error).toMatchObject({ code: 'invalid_email_url', message: expect.stringContaining('?rate=10') });
    expect(error.message).not.toContain('secret');
  },
);

describe('EMAIL_URL', () => {
  it.each([
    ['smtp://127.0.0.1:1025', 'smtp'],
    ['smtps://user:pass@mail.example.com', 'smtp'],
    ['SMTP://127.0.0.1:1025', 'smtp'],
    ['resend://re_Abc', 'resend'],
    ['resend://re_Abc@127.0.0.1:4010', 'resend'],
  ])('%s chooses the channel', async (url, format) => {
    expect(checkEmailUrl(url)).toBe(url);
    const [provider] = emailProviders(url, { closeMs: 0 });
    expect(provider?.format).toBe(format);
    await provider?.close();
  });

  it('may list several providers, in order, and says which one is wrong', async () => {
    const url = 'resend://re_Abc, smtp://user:pass%2Cword@mail.example.com:587,resend://re_Def';
    expect(checkEmailUrl(url)).toBe(url);
    const providers = emailProviders(url, { closeMs: 0 });
    expect(providers.map(({ format, host }) => `${format} ${host}`)).toEqual([
      'resend api.resend.com',
      'smtp mail.example.com:587',
      'resend api.resend.com',
    ]);
    await Promise.all(providers.map((provider) => provider.close()));
    for (const wrong of [
      'smtp://a:pa,s3cr@b.example.com',
      'resend://re_Abc,smtp://,smtp://c.example.com',
      'resend://re_A,',
    ]) {
      const error = errorOf(() => checkEmailUrl(wrong));
      expect(error.message).toMatch(/^Number (?:1|2) of the [23] providers in EMAIL_URL .*%2C/);
      expect(error.message).not.toMatch(/s3cr/);
    }
  });

  it.each(['', 'http://re_secret', 'secret', 'smtp://', 'resend://', 'constructor://secret', 'mailto:secret'])(
    '%j chooses none, and is not repeated',
    (url) => {
      for (const work of [() => checkEmailUrl(url), () => emailProviders(url, { closeMs: 0 })]) {
        const error = errorOf(work);
        expect(error.code).toBe('invalid_email_url');
        expect(error.message).not.toContain('secret');
      }
    },
  );
});
