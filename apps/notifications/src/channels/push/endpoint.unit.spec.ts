import type { LookupAddress } from 'node:dns';
import { describe, expect, it } from '@jest/globals';
import { isPublicAddress, parseEndpoint, publicLookup } from './endpoint.js';

describe('S24 an endpoint', () => {
  it.each([
    ['https://fcm.googleapis.com/fcm/send/abc:def', 'fcm'],
    ['https://fcm.googleapis.com/wp/abc', 'fcm'],
    ['https://jmt17.google.com/fcm/send/abc', 'fcm'],
    ['https://updates.push.services.mozilla.com/wpush/v2/gAAA', 'mozilla'],
    ['https://web.push.apple.com/QNA', 'apple'],
    ['https://api.push.apple.com/QNA', 'apple'],
    ['https://wns2-par02p.notify.windows.com/w/?token=BQ', 'wns'],
    ['HTTPS://FCM.GOOGLEAPIS.COM:443/fcm/send/abc', 'fcm'],
  ])('of a browser is taken: %s', (text, service) => {
    expect(parseEndpoint(text)).toMatchObject({ service });
  });

  it.each([
    ['http://fcm.googleapis.com/fcm/send/abc', /https/],
    ['https://fcm.googleapis.com:8443/x', /port/],
    ['https://user:secret@fcm.googleapis.com/wp/x', /user/],
    ['https://fcm.googleapis.com/x#y', /fragment/],
    ['https://fcm.googleapis.com.evil.example/x', /push service/],
    ['https://evil.example/fcm.googleapis.com', /push service/],
    ['https://fcmxgoogleapis.com/x', /push service/],
    ['https://evil-push.apple.com.example/x', /push service/],
    ['https://notpush.apple.com/x', /push service/],
    ['https://android.googleapis.com/gcm/send/x', /push service/],
    ['https://fcm.googleapis.com/v1/projects/x/messages:send', /push service/],
    ['https://fcm.googleapis.com/fcm/send/', /push service/],
    ['https://updates.push.services.mozilla.com/v1/x', /push service/],
    ['https://127.0.0.1/x', /push service/],
    ['https://2130706433/x', /push service/],
    ['https://0x7f.1/x', /push service/],
    ['https://[::1]/x', /push service/],
    ['https://[::ffff:127.0.0.1]/x', /push service/],
    ['https://169.254.169.254/latest/meta-data', /push service/],
    ['https://localhost/x', /push service/],
    ['file:///etc/passwd', /https/],
    ['javascript:alert(1)', /https/],
    ['x', /URL/],
    ['', /URL/],
    [`https://fcm.googleapis.com/wp/${'x'.repeat(2_048)}`, /2048/],
  ])('that leads elsewhere is refused: %s', (text, problem) => {
    expect(() => parseEndpoint(text)).toThrow(problem);
  });

  it('on this machine is taken at the one origin that the settings name', () => {
    const local = 'http://127.0.0.1:3004';
    expect(parseEndpoint(`${local}/push/1`, local)).toMatchObject({ service: 'local', origin: local });
    expect(() => parseEndpoint('http://127.0.0.1:3005/push/1', local)).toThrow(/https/);
    expect(() => parseEndpoint(`${local}/push/1`)).toThrow(/https/);
  });
});

describe('S24 an address', () => {
  it.each(['8.8.8.8', '142.250.185.74', '2a00:1450:4001:81a::200a', '2600:1901::1'])('%s is public', (address) => {
    expect(isPublicAddress(address, address.includes(':') ? 6 : 4)).toBe(true);
  });

  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '169.254.169.254',
    '172.31.255.255',
    '192.0.0.8',
    '192.168.1.1',
    '198.19.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '64:ff9b::7f00:1',
    '2001:0:4136:e378::1',
    '2001:db8::1',
    '2002:7f00:1::',
    'fc00::1',
    'fd12::1',
    'fe80::1',
    'ff02::1',
  ])('%s is not', (address) => {
    expect(isPublicAddress(address, address.includes(':') ? 6 : 4)).toBe(false);
  });

  const resolved = (addresses: LookupAddress[], all: boolean) =>
    new Promise<unknown>((resolve) => {
      const resolver = (_: string, __: unknown, done: (error: null, found: LookupAddress[]) => void) =>
        done(null, addresses);
      publicLookup(resolver as never)('push.example', { all }, (error, address) =>
        resolve((error as NodeJS.ErrnoException | null)?.code ?? address),
      );
    });
  const GOOD = { address: '8.8.8.8', family: 4 };

  it('is looked up anew for each connection: a name that leads here now is refused (DNS rebinding)', async () => {
    expect(await resolved([GOOD], true)).toEqual([GOOD]);
    expect(await resolved([GOOD], false)).toBe('8.8.8.8');
    expect(await resolved([{ address: '127.0.0.1', family: 4 }], true)).toBe('ADDRESS_REFUSED');
    expect(await resolved([GOOD, { address: '::1', family: 6 }], true)).toBe('ADDRESS_REFUSED');
    expect(await resolved([GOOD, { address: '10.0.0.1', family: 4 }], false)).toBe('ADDRESS_REFUSED');
    expect(await resolved([], true)).toBe('ADDRESS_REFUSED');
  });
});
