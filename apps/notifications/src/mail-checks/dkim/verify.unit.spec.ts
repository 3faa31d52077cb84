import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Message, readMessage } from '../message.js';
import type { TxtLookup } from './public-keys.js';
import { verifySignatures } from './verify.js';

/** RFC 8463, appendix A: one mail, signed with both algorithms. */
const DOMAIN = 'football.example.com';
const RECORDS: Record<string, string> = {
  'brisbane._domainkey.football.example.com': 'v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=',
  'test._domainkey.football.example.com':
    'v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB',
};
const ED25519 = `DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
 Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
`;
const RSA = `DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=test; t=1528637909; h=from : to : subject :
 date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3
 DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz
 dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=
`;
const MAIL = `From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game.  Are you hungry yet?

Joe.
`;

const answers = async (name: string) => {
  const record = RECORDS[name];
  if (record === undefined) throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
  // DNS has long records in pieces.
  return [[record.slice(0, 100), record.slice(100)]];
};
const read = (text: string) => readMessage(Buffer.from(text, 'latin1')) as Message & { body: string };
const check = (
  text: string,
  lookup: TxtLookup = answers,
  domain = DOMAIN,
  now = Date.parse('2026-11-30T00:00:00Z'),
  anyOf: string[] | null = null,
) => verifySignatures(read(text), { domain, anyOf, lookup, now });

describe('the signatures of a mail', () => {
  it.each([
    ['ed25519', ED25519],
    ['rsa', RSA],
  ])('are valid: %s, with either line break', async (_, signature) => {
    expect(await check(signature + MAIL)).toBe('valid');
    expect(await check((signature + MAIL).replaceAll('\n', '\r\n'))).toBe('valid');
  });

  it('are valid if one is, whatever the others', async () => {
    expect(await check(ED25519.replace('/gCrin', '/gCrim') + RSA + MAIL)).toBe('valid');
    expect(await check(`${ED25519.replaceAll('football', 'baseball')}${RSA}${MAIL}`)).toBe('valid');
  });

  it('are missing without one, or with those of another domain only', async () => {
    expect(await check(MAIL)).toBe('missing');
    expect(await check(ED25519 + MAIL, answers, 'example.com')).toBe('missing');
  });

  it.each([
    ['the body', 'hungry', 'thirsty'],
    ['the recipient', 'suzie@', 'susan@'],
    ['the sender', 'Joe SixPack', 'Joe Sixpack'],
    ['the subject', 'dinner', 'supper'],
    ['the signature', '/gCrin', '/gCrim'],
    ['the list of signed fields', ' subject : date : message-id :', ' subject : message-id :'],
    ['the key', 's=brisbane', 's=sydney'],
    ['the algorithm', 'a=ed25519-sha256', 'a=rsa-sha256'],
  ])('are broken by a change of %s', async (_, from, to) => {
    expect(ED25519 + MAIL).toContain(from);
    expect(await check((ED25519 + MAIL).replace(from, to))).toBe('broken');
  });

  it('are broken by a second subject in front, when it is signed that there is one', async () => {
    expect(await check(`${ED25519}Subject: You have won\n${MAIL}`)).toBe('broken');
  });

  it.each([
    ['has a length, so that anything may follow', 'v=1;', 'v=1; l=5;'],
    ['has expired', 'v=1;', 'v=1; x=1528637910;'],
    ['leaves the recipient out', 'h=from : to :', 'h=from :'],
    ['is of a later version', 'v=1;', 'v=2;'],
  ])('are broken, not missing, where one %s', async (_, from, to) => {
    expect(await check((ED25519 + MAIL).replace(from, to))).toBe('broken');
  });

  it('are missing where none can be read', async () => {
    expect(await check((ED25519 + MAIL).replace('v=1;', 'v=1; d=football.example.com;'))).toBe('missing');
  });

  it.each(['Reply-To: eve@evil.example', 'List-Unsubscribe: <https://evil.example>'])(
    'are broken by an unsigned %s',
    async (line) => {
      expect(await check(`${line}\n${ED25519}${MAIL}`)).toBe('broken');
    },
  );

  it('must be of one of the fields that are asked for', async () => {
    const checkOf = (...anyOf: string[]) => check(ED25519 + MAIL, answers, DOMAIN, undefined, anyOf);
    expect(await checkOf('x-delivery-id', 'message-id')).toBe('valid');
    expect(await checkOf('x-delivery-id')).toBe('broken');
  });

  it('are not known as long as DNS does not answer, and no question is asked about a mail whose body was changed', async () => {
    const asked: string[] = [];
    const away: TxtLookup = async (name) => {
      asked.push(name);
      throw Object.assign(new Error('no answer'), { code: 'ETIMEOUT' });
    };
    expect(await check(ED25519 + MAIL, away)).toBe('dns_unavailable');
    expect(await check((ED25519 + MAIL).replace('hungry', 'thirsty'), away)).toBe('broken');
    expect(asked).toEqual(['brisbane._domainkey.football.example.com']);
  });

  it.each([
    ['nothing', []],
    ['a revoked key', [['v=DKIM1; k=ed25519; p=']]],
    ['several records', [['v=DKIM1; p=a'], ['v=DKIM1; p=b']]],
    ['no key', [['hello']]],
    ['bytes that are none', [['v=DKIM1; k=ed25519; p=AAAA']]],
    ['a short key', [[`v=DKIM1; p=${shortKey()}`]]],
  ])('are broken where DNS has %s', async (_, records) => {
    expect(await check(ED25519 + MAIL, async () => records)).toBe('broken');
    expect(await check(RSA + MAIL, async () => records)).toBe('broken');
  });

  it('cost three questions at most', async () => {
    let asked = 0;
    await check(ED25519.repeat(20) + MAIL, async () => {
      asked++;
      return [];
    });
    expect(asked).toBe(3);
  });
});

/** Half as long as one that proves anything. */
function shortKey(): string {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 512 });
  return publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
}

describe('hostile bytes', () => {
  it('are read, or refused, and never break anything', async () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'DKIM-Signature:',
        'b=',
        'bh=',
        ';',
        'd=football.example.com',
        '\r',
        '\n',
        '\r\n',
        ' ',
        '\t',
        ':',
        'From: a@b\n',
        '\u0000',
      ),
      fc.string({ unit: 'binary' }),
    );
    const hostile = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(''));
    await fc.assert(
      fc.asyncProperty(hostile, async (text) => {
        const message = readMessage(Buffer.from(text, 'latin1'));
        if (!message) return;
        const { fields, body } = message;
        const result = await verifySignatures(
          { fields, body: body ?? '' },
          { domain: DOMAIN, anyOf: null, lookup: answers, now: 0 },
        );
        expect(['broken', 'missing']).toContain(result);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['blanks in a signature', `DKIM-Signature: v=1;${' '.repeat(60_000)}b=x; d=${DOMAIN}\n${MAIL}`],
    ['semicolons', `DKIM-Signature:${';'.repeat(60_000)}\n${MAIL}`],
    ['blanks in a body', `${ED25519}From: a@b\nTo: a@b\nSubject: s\n\n${' \t'.repeat(100_000)}x`],
    ['empty lines', `${ED25519}${MAIL}${'\n'.repeat(200_000)}x`],
  ])('of which there are many cost no more than their length: %s', async (_, text) => {
    const start = performance.now();
    await check(text);
    expect(performance.now() - start).toBeLessThan(5_000);
  });
});
