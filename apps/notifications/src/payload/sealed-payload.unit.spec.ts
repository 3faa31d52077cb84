import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PayloadError } from './payload.errors.js';
import { parsePayloadKeys } from './payload-keys.js';
import { open, seal } from './sealed-payload.js';

const newKey = () => randomBytes(32).toString('base64');
const keys = parsePayloadKeys(newKey());
const codeOf = (work: Promise<unknown> | (() => unknown)) =>
  (typeof work === 'function' ? Promise.resolve().then(work) : work).then(
    () => 'no error',
    (error) => (error instanceof PayloadError ? error.code : error),
  );

describe('a sealed payload', () => {
  it('decrypts to exactly what was sealed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 5000 }), fc.string({ unit: 'binary' }), async (bytes, context) => {
        const plain = Buffer.from(bytes);
        expect((await open(await seal(plain, context, keys), context, keys)).equals(plain)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('hides its content, differs each time, and is smaller than a repetitive mail', async () => {
    const plain = Buffer.from('jana@example.com '.repeat(1000));
    const [first, second] = await Promise.all([seal(plain, 'd1', keys), seal(plain, 'd1', keys)]);
    expect(first.includes('jana')).toBe(false);
    expect(first.equals(second)).toBe(false);
    expect(first.subarray(5, 17).equals(second.subarray(5, 17))).toBe(false);
    expect(first.length).toBeLessThan(plain.length / 20);
  });

  it('does not decrypt after any single bit has changed', async () => {
    const sealed = await seal(Buffer.from('an alert'), 'd1', keys);
    for (let index = 0; index < sealed.length; index++) {
      const tampered = Buffer.from(sealed);
      tampered[index] = tampered[index]! ^ 1;
      // bytes 1 to 4 name the key
      expect([index, await codeOf(open(tampered, 'd1', keys))]).toEqual([
        index,
        index >= 1 && index <= 4 ? 'unknown_key' : 'damaged',
      ]);
    }
  });

  it('does not decrypt when it was cut or lengthened', async () => {
    const sealed = await seal(Buffer.from('an alert'), 'd1', keys);
    for (const length of [0, 1, 16, 17, 32, sealed.length - 1]) {
      expect(await codeOf(open(sealed.subarray(0, length), 'd1', keys))).toBe('damaged');
    }
    expect(await codeOf(open(Buffer.concat([sealed, Buffer.of(0)]), 'd1', keys))).toBe('damaged');
  });

  it('does not decrypt on the row of another delivery', async () => {
    const sealed = await seal(Buffer.from('an alert'), 'd1', keys);
    expect(await codeOf(open(sealed, 'd2', keys))).toBe('damaged');
  });

  it('does not decrypt with another key, even one that has the same id', async () => {
    const sealed = await seal(Buffer.from('an alert'), 'd1', keys);
    expect(await codeOf(open(sealed, 'd1', parsePayloadKeys(newKey())))).toBe('unknown_key');
    expect(await codeOf(open(sealed, 'd1', [{ id: keys[0].id, secret: randomBytes(32) }]))).toBe('damaged');
  });

  it('survives a rotation: the new key in front encrypts, the former one still decrypts', async () => {
    const [former, next] = [newKey(), newKey()];
    const before = await seal(Buffer.from('before'), 'd1', parsePayloadKeys(former));
    const both = parsePayloadKeys(`${next}, ${former}`);
    expect((await open(before, 'd1', both)).toString()).toBe('before');

    const after = await seal(Buffer.from('after'), 'd1', both);
    expect((await open(after, 'd1', parsePayloadKeys(next))).toString()).toBe('after');
    expect(await codeOf(open(after, 'd1', parsePayloadKeys(former)))).toBe('unknown_key');
  });

  it('is refused without any key', async () => {
    expect(await codeOf(seal(Buffer.from('x'), 'd1', []))).toBe('invalid_key');
  });
});

describe('PAYLOAD_KEY', () => {
  it.each([
    ['nothing', ''],
    ['too short a key', randomBytes(16).toString('base64')],
    ['too long a key', randomBytes(33).toString('base64')],
    ['hexadecimal', randomBytes(32).toString('hex')],
    ['characters that base64 does not have', `${newKey().slice(0, 20)}!${newKey().slice(21)}`],
    ['a good key and an empty one', `${newKey()},`],
  ])('refuses %s, says how to make one, and keeps the value to itself', (_, setting) => {
    let error: unknown;
    try {
      parsePayloadKeys(setting);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: 'invalid_key', message: expect.stringContaining('openssl rand -base64 32') });
    if (setting) expect((error as Error).message).not.toContain(setting);
  });

  it('says which of several keys is wrong', async () => {
    expect(() => parsePayloadKeys(`${newKey()},short`)).toThrow('key 2');
  });

  it('refuses the same key twice, which would make a rotation look done', async () => {
    const key = newKey();
    expect(await codeOf(() => parsePayloadKeys(`${key},${key}`))).toBe('invalid_key');
  });

  it('takes a key without its padding', () => {
    expect(parsePayloadKeys(newKey().replace(/=+$/, ''))).toHaveLength(1);
  });
});
