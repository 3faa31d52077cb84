import { describe, expect, it } from '@jest/globals';
import { parseGuestKeys } from './guest-keys.js';

const key = (byte: number) => Buffer.alloc(32, byte).toString('base64');

describe('GUEST_AUTH_KEY', () => {
  it('is one key, or several of which the first makes what is new', () => {
    const [old, both] = [parseGuestKeys(key(1)), parseGuestKeys(`${key(2)}, ${key(1)}`)];
    expect(both.newest.id).toEqual(parseGuestKeys(key(2)).newest.id);
    expect(both.byId(old.newest.id)?.mac('link', 'a')).toEqual(old.newest.mac('link', 'a'));
    expect(old.byId(both.newest.id)).toBeUndefined();
    expect(both.ids).toHaveLength(2);
  });

  it('recognises what any of them made, and nothing else', () => {
    const [old, both] = [parseGuestKeys(key(1)), parseGuestKeys(`${key(2)},${key(1)}`)];
    const mac = old.newest.mac('code', 'challenge', '123456');
    expect(both.recognise(mac, 'code', 'challenge', '123456')).toBe(true);
    expect(both.recognise(mac, 'code', 'challenge', '123457')).toBe(false);
    expect(both.recognise(mac, 'code', 'challeng', 'e123456')).toBe(false);
    expect(both.recognise(mac, 'link', 'challenge', '123456')).toBe(false);
    expect(parseGuestKeys(key(2)).recognise(mac, 'code', 'challenge', '123456')).toBe(false);
  });

  it.each([
    ['nothing', ''],
    ['31 bytes', Buffer.alloc(31).toString('base64')],
    ['33 bytes', Buffer.alloc(33).toString('base64')],
    ['hex', Buffer.alloc(32).toString('hex')],
    ['words', 'this is no key at all, it is a sentence'],
    ['a second one that is none', `${key(1)},`],
  ])('is refused when it is %s, without being repeated', (_what, setting) => {
    const complaint = (() => {
      try {
        parseGuestKeys(setting);
        return '';
      } catch (error) {
        return String(error);
      }
    })();
    expect(complaint).toMatch(/must be 32 bytes in base64/);
    if (setting.length > 20) expect(complaint).not.toContain(setting.slice(0, 20));
  });

  it('is refused when it names one key twice', () => {
    expect(() => parseGuestKeys(`${key(1)},${key(1)}`)).toThrow('names one key twice');
  });
});
