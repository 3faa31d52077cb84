import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { parseVapidKeys } from '../src/channels/push/vapid.js';
import { runBellhop } from './run-bellhop.js';

/** Usage errors and unreachable services need no server. */
const NOWHERE = { BELLHOP_URL: 'http://127.0.0.1:9', BELLHOP_TOKEN: 'x' };
const bellhop = (words: string, { env = NOWHERE }: { env?: Record<string, string> } = {}) => runBellhop(words, { env });

describe('bellhop', () => {
  it.each(['', '--help', 'deliveries --help', 'deliveries list --help', 'dead-letters redrive -h', 'explain --help'])(
    'says how it is used: bellhop %s',
    async (words) => {
      const { code, out, err } = await bellhop(words, { env: {} });
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(out).toMatch(/^Usage: bellhop /);
    },
  );

  it('makes keys for web push that notifications takes, without a server', async () => {
    const { code, out, err } = await bellhop('vapid', { env: {} });
    expect({ code, err }).toEqual({ code: 0, err: expect.stringContaining('shown this once') });
    const [, setting = ''] = /^VAPID_KEYS=(\S+)\n$/.exec(out) ?? [];
    const [made] = parseVapidKeys(setting);
    const again = JSON.parse((await bellhop('vapid --json', { env: {} })).out);
    const [other] = parseVapidKeys(again.VAPID_KEYS);
    expect(other.publicKey).not.toBe(made.publicKey);
  });

  it.each([
    ['deliveries dance', /no command "deliveries dance"/],
    ['deliveries dance --help', /no command "deliveries dance"/],
    ['dance --help', /no command "dance"/],
    ['dance -h', /no command "dance"/],
    ['dance --version', /no command "dance"/],
    ['deliveries', /no command "deliveries"/],
    ['deliveries --help --version', /no command "deliveries"/],
    ['help', /no command "help"/],
    ['--version', /no option "--version"/],
    ['--help --version', /no option "--version"/],
    ['--json', /no option "--json"/],
    ['deliveries list --stat dead', /--stat/],
    ['deliveries list --state lost', /no state "lost"/],
    ['deliveries list --limit many', /--limit must be/],
    ['deliveries list surplus', /one word too many/],
    ['deliveries show', /<id> is missing/],
    ['deliveries replay', /--state/],
    ['deliveries replay x --state dead', /not both/],
  ])('ends with 2 and a sentence for wrong arguments: %s', async (words, sentence) => {
    expect(await bellhop(words)).toMatchObject({ code: 2, out: '', err: expect.stringMatching(sentence) });
  });

  it('waits ten seconds for a complete answer, and says which service gave none', async () => {
    const silent = createServer((socket) => socket.on('error', () => undefined));
    const halfway = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{"items":');
    });
    await Promise.all(
      [silent, halfway].map(async (server) => {
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
        const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
        const startedAt = Date.now();
        const { code, out, err } = await bellhop('deliveries list', { env: { BELLHOP_URL: url, BELLHOP_TOKEN: 'x' } });
        expect({ code, out }).toEqual({ code: 3, out: '' });
        expect(err).toContain(`${url} did not answer within 10 s`);
        // Three attempts share the ten seconds.
        expect(Date.now() - startedAt).toBeLessThan(25_000);
        server.close();
      }),
    );
  });

  it.each([
    ['a line break in it', 'BELLHOP_TOKEN', 'top\nsecret'],
    ['a line break at its end', 'BELLHOP_TOKEN', 'topsecret\r\n'],
    ['a space', 'BELLHOP_TOKEN', 'Bearer topsecret'],
    ['a sign no header has', 'BELLHOP_TOKEN', 'topsecret\u2026'],
    ['credentials', 'BELLHOP_URL', 'http://ops:topsecret@127.0.0.1:9'],
    ['a token in its query', 'BELLHOP_URL', 'http://127.0.0.1:9/?access_token=topsecret'],
  ])('shows no secret when it refuses one with %s in %s', async (_, name, value) => {
    const { code, out, err } = await bellhop('deliveries list', { env: { ...NOWHERE, [name]: value } });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(new RegExp(`^${name} must be `));
    expect(err).not.toMatch(/secret/);
  });
});
