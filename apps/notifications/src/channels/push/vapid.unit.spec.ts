import { createECDH, createPublicKey, verify } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { parsePushSubject, parseVapidKeys, VapidHeaders } from './vapid.js';

function pair(): { publicKey: string; privateKey: string } {
  const keys = createECDH('prime256v1');
  keys.generateKeys();
  return { publicKey: keys.getPublicKey('base64url'), privateKey: keys.getPrivateKey().toString('base64url') };
}
const [a, b] = [pair(), pair()];

describe('VAPID_KEYS', () => {
  it('are pairs, the newest first, each with a seal of its own', () => {
    const keys = parseVapidKeys(`${a.publicKey}:${a.privateKey}, ${b.publicKey}:${b.privateKey}`);
    expect(keys.map(({ publicKey }) => publicKey)).toEqual([a.publicKey, b.publicKey]);
    expect(keys[0].seal.secret).toHaveLength(32);
    expect(keys[0].seal.secret.equals((keys[1] as (typeof keys)[0]).seal.secret)).toBe(false);
  });

  it.each([
    ['nothing', '', /needs pairs like <public>:<private>/],
    ['one key', a.publicKey, /needs pairs/],
    ['three', `${a.publicKey}:${a.privateKey}:x`, /needs pairs/],
    ['a short public key', `${a.publicKey.slice(0, 40)}:${a.privateKey}`, /a public key that is not 65 bytes/],
    ['padding', `${a.publicKey}=:${a.privateKey}`, /a public key that is not 65 bytes/],
    ['a long private key', `${a.publicKey}:${a.privateKey}AAAA`, /a private key that is not 32 bytes/],
    ['keys of two pairs', `${a.publicKey}:${b.privateKey}`, /do not belong together/],
    ['a private key of zeros', `${a.publicKey}:${'A'.repeat(43)}`, /do not belong together/],
    ['one pair twice', `${a.publicKey}:${a.privateKey},${a.publicKey}:${a.privateKey}`, /one pair twice/],
  ])('say what is wrong with %s, and never repeat it', (_, setting, problem) => {
    const read = () => parseVapidKeys(setting);
    expect(read).toThrow(problem);
    expect(read).not.toThrow(a.privateKey);
  });
});

describe('PUSH_SUBJECT', () => {
  it.each([
    'mailto:ops@example.com',
    'https://example.com/contact',
    'mailto:a@münchen.de',
    'mailto:push@bellhop.example',
  ])('may be %s', (subject) => {
    expect(parsePushSubject(subject)).toBe(subject);
  });

  it.each([
    'mailto:x@localhost',
    'https://localhost',
    'https://localhost:8443/a',
    'mailto:x@app.localhost',
    'mailto:ops@mail',
    'https://10.0.0.1/',
    'https://[::1]/',
    'mailto:x@printer.local',
  ])('is refused when nobody else can reach it: %s', (subject) => {
    expect(() => parsePushSubject(subject)).toThrow(/which push services refuse/);
  });

  it.each(['ops@example.com', 'http://example.com', 'mailto:', 'mailto:a b@example.com', ''])(
    'is refused in another form: %s',
    (subject) => {
      expect(() => parsePushSubject(subject)).toThrow(/must be like mailto:/);
    },
  );
});

describe('the header of a push service', () => {
  const [key] = parseVapidKeys(`${a.publicKey}:${a.privateKey}`);

  it('is signed for its origin with our key, for twelve hours (RFC 8292 §2)', () => {
    const now = Date.parse('2026-11-22T10:00:00Z');
    const header = new VapidHeaders('mailto:ops@example.com', () => now).of('https://fcm.googleapis.com', key);
    const [, token = '', publicKey] = /^vapid t=(\S+), k=(\S+)$/.exec(header) ?? [];
    expect(publicKey).toBe(a.publicKey);
    const [head = '', claims = '', signature = ''] = token.split('.');
    const expiring = now / 1_000 + 12 * 3_600;
    const said = { aud: 'https://fcm.googleapis.com', exp: expiring, sub: 'mailto:ops@example.com' };
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toEqual(said);
    const point = Buffer.from(a.publicKey, 'base64url');
    const jwk = {
      kty: 'EC',
      crv: 'P-256',
      x: point.subarray(1, 33).toString('base64url'),
      y: point.subarray(33).toString('base64url'),
    };
    const verifier = { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' as const };
    expect(verify('sha256', Buffer.from(`${head}.${claims}`), verifier, Buffer.from(signature, 'base64url'))).toBe(
      true,
    );
  });

  it('is the same for eleven hours, and one of its own for each origin', () => {
    let now = Date.parse('2026-11-22T10:00:00Z');
    const headers = new VapidHeaders('mailto:ops@example.com', () => now);
    const first = headers.of('https://web.push.apple.com', key);
    now += 11 * 3_600_000 - 1;
    expect(headers.of('https://web.push.apple.com', key)).toBe(first);
    expect(headers.of('https://fcm.googleapis.com', key)).not.toBe(first);
    now += 1;
    expect(headers.of('https://web.push.apple.com', key)).not.toBe(first);
  });
});
