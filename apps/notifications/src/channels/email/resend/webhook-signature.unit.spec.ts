import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { newSecret, secondsNow, signed } from '../../../../test/webhooks.js';
import { parseWebhookSecrets } from './webhook-secrets.js';
import { verifyWebhook } from './webhook-signature.js';

const secret = newSecret();
const body = '{"type":"email.delivered"}';

const TOLERANCE_SECONDS = 5 * 60;

afterEach(() => void jest.restoreAllMocks());

/** The stamp of a webhook that is verified, else why not. */
const check = (
  { headers, body: bytes }: { headers: Record<string, string>; body: string | Uint8Array },
  setting = secret,
  now = new Date(),
) => {
  // The SDK looks at the clock itself.
  jest.spyOn(Date, 'now').mockReturnValue(now.getTime());
  const webhook = verifyWebhook(
    { id: headers['svix-id'], timestamp: headers['svix-timestamp'], signature: headers['svix-signature'] },
    Buffer.from(bytes),
    parseWebhookSecrets(setting),
  );
  return typeof webhook === 'string' ? webhook : webhook.stamp;
};

describe('S26 the signature of a webhook', () => {
  it('stands over exactly the bytes, the id and the time that were signed', () => {
    const timestamp = secondsNow();
    expect(check(signed(secret, body, { id: 'msg_1', timestamp: String(timestamp) }))).toEqual({
      id: 'msg_1',
      timestamp,
    });
    for (const white of ['\r\n\t ', '\u0000', '\ufeff']) {
      const changed = { ...signed(secret, body), body: `${white}${body}` };
      expect(check(changed)).toBe('wrong_signature');
    }
  });

  it('stands over no other bytes that read as the same text', () => {
    const webhook = signed(secret, '{"type":"\ufffd"}');
    expect(check(webhook)).toHaveProperty('id');
    const bytes = Buffer.from(webhook.body);
    const at = bytes.indexOf(0xef);
    const twin = Buffer.concat([bytes.subarray(0, at), Buffer.of(0xff), bytes.subarray(at + 3)]);
    expect(twin.toString()).toBe(webhook.body);
    expect(check({ ...webhook, body: twin })).toBe('malformed');
    // Resend signs text: of what is none it can only be an imitation.
    expect(check(signed(secret, Uint8Array.of(0xff, 0x00, 0xfe)))).toBe('malformed');
  });

  it('says nothing of the body, which may be no JSON', () => {
    const verify = (text: string) => () => check(signed(secret, text));
    for (const text of ['', '{', '\ufeff{}']) expect(verify(text)).toThrow(SyntaxError);
  });

  it('is the one of the published example', () => {
    const example = {
      body: '{"test": 2432232314}',
      headers: {
        'svix-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
        'svix-timestamp': '1614265330',
        'svix-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
      },
    };
    const then = new Date(1614265330_000);
    expect(check(example, 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', then)).toMatchObject({ timestamp: 1614265330 });
    expect(check(example, secret, then)).toBe('wrong_signature');
  });

  it.each<[string, Partial<Record<string, string | undefined>>]>([
    ['no id', { 'svix-id': undefined }],
    ['an empty id', { 'svix-id': '' }],
    ['an id with a full stop', { 'svix-id': 'msg.1' }],
    ['an id of 10 kB', { 'svix-id': 'm'.repeat(10_000) }],
    ['no time', { 'svix-timestamp': undefined }],
    ['a time with a fraction', { 'svix-timestamp': `${secondsNow()}.0` }],
    ['a time in milliseconds', { 'svix-timestamp': String(Date.now()) }],
    ['a time that begins with 0', { 'svix-timestamp': `0${secondsNow()}` }],
    ['a time that is no number', { 'svix-timestamp': 'NaN' }],
    ['no signature', { 'svix-signature': undefined }],
    ['an empty signature', { 'svix-signature': '' }],
    ['a signature of nothing', { 'svix-signature': 'v1,' }],
    ['a signature that is no base64', { 'svix-signature': `v1,${'!'.repeat(43)}=` }],
    ['a shorter signature', { 'svix-signature': `v1,${'A'.repeat(42)}==` }],
    ['a longer signature', { 'svix-signature': `v1,${'A'.repeat(64)}` }],
    ['a signature of another version', { 'svix-signature': `v2,${'A'.repeat(43)}=` }],
    [
      'thousands of signatures',
      {
        'svix-signature': Array(5_000)
          .fill(`v1,${'A'.repeat(43)}=`)
          .join(' '),
      },
    ],
  ])('with %s is malformed', (_, headers) => {
    const webhook = signed(secret, body);
    expect(check({ ...webhook, headers: { ...webhook.headers, ...headers } as Record<string, string> })).toBe(
      'malformed',
    );
  });

  it('of another secret, id, time or body is wrong', () => {
    const webhook = signed(secret, body);
    expect(check(signed(newSecret(), body))).toBe('wrong_signature');
    expect(check({ ...webhook, headers: { ...webhook.headers, 'svix-id': 'msg_other' } })).toBe('wrong_signature');
    const later = String(secondsNow() + 1);
    expect(check({ ...webhook, headers: { ...webhook.headers, 'svix-timestamp': later } })).toBe('wrong_signature');
    for (let index = 0; index < body.length; index += 1) {
      const changed = Buffer.from(body);
      changed[index] = (changed[index] as number) ^ 1;
      expect(check({ ...webhook, body: changed })).toBe('wrong_signature');
    }
    expect(check({ ...webhook, body: `${body} ` })).toBe('wrong_signature');
    expect(check({ ...webhook, body: '' })).toBe('wrong_signature');
  });

  it('is not written in a second way: the unused bits of its base64 count too', () => {
    const { headers } = signed(secret, body);
    const signature = headers['svix-signature'] as string;
    const twin = twinOf(signature);
    expect(Buffer.from(twin.slice(3), 'base64')).toEqual(Buffer.from(signature.slice(3), 'base64'));
    expect(check({ body, headers: { ...headers, 'svix-signature': twin } })).toBe('wrong_signature');
  });

  it('is worth something for five minutes, before and after', () => {
    const aged = (seconds: number) => {
      const timestamp = String(secondsNow() - seconds);
      return check(signed(secret, body, { timestamp }), secret, new Date(Number(timestamp) * 1000 + seconds * 1000));
    };
    for (const seconds of [TOLERANCE_SECONDS, -TOLERANCE_SECONDS, 0]) expect(aged(seconds)).toHaveProperty('id');
    for (const seconds of [TOLERANCE_SECONDS + 1, -TOLERANCE_SECONDS - 1, 86_400]) expect(aged(seconds)).toBe('stale');
  });

  it('stands among others, and under any of our secrets, so that they can be rotated', () => {
    const [old, next] = [newSecret(), newSecret()];
    const both = `${next}, ${old}`;
    expect(check(signed(old, body), both)).toHaveProperty('id');
    expect(check(signed(next, body), both)).toHaveProperty('id');
    expect(check(signed(old, body), next)).toBe('wrong_signature');
    const webhook = signed(secret, body);
    const right = webhook.headers['svix-signature'];
    const withSignature = (signature: string) => ({
      ...webhook,
      headers: { ...webhook.headers, 'svix-signature': signature },
    });
    const wrong = `v1,${'A'.repeat(43)}=`;
    for (const list of [`${wrong} ${right}`, `${right} ${wrong}`, `v1a,AAAA ${right}`]) {
      expect(check(withSignature(list))).toHaveProperty('id');
    }
    expect(check(withSignature(`${wrong} ${wrong}`))).toBe('wrong_signature');
  });
});

describe('the secrets of webhooks', () => {
  it.each([
    '',
    'whsec_',
    'secret',
    'whsec_short',
    `whsec_${'!'.repeat(32)}`,
    `${newSecret()},`,
    `${newSecret()} ${newSecret()}`,
  ])('are not %j', (setting) => {
    expect(() => parseWebhookSecrets(setting)).toThrow(/whsec_…/);
  });

  it('are five at most', () => {
    expect(parseWebhookSecrets(Array.from({ length: 5 }, newSecret).join(','))).toHaveLength(5);
    expect(() => parseWebhookSecrets(Array.from({ length: 6 }, newSecret).join(','))).toThrow(/5/);
  });
});

/** The same bytes in base64, with one of the bits set that no byte uses. */
function twinOf(signature: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const last = alphabet[alphabet.indexOf(signature.at(-2) as string) | 1];
  return `${signature.slice(0, -2)}${last}=`;
}
