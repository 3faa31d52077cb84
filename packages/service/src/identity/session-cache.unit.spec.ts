import { RpcError } from '@bellhop/jetstream';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { GuestSession } from './guest-sessions.js';
import { SessionCache } from './session-cache.js';

const START = Date.parse('2026-11-22T10:00:00.000Z');
const MINUTE_MS = 60_000;
const token = (n: number) => `${n}`.padStart(43, 'A');
const JANA = token(1);

let now: number;
let asked: string[];
/** What `guest-auth` says; an error is thrown. */
let answers: Map<string, GuestSession | null | Error>;
let cache: SessionCache;

const session = (minutes = 30): GuestSession => ({
  email: 'jana@example.com',
  ticketIds: ['t-1'],
  expiresAt: new Date(START + minutes * MINUTE_MS).toISOString(),
});
const away = (kind: 'no_responders' | 'timeout' | 'disconnected' = 'no_responders') =>
  new RpcError(kind, 'guest_auth.rpc.v1.session', 'nobody answers');

beforeEach(() => {
  now = START;
  asked = [];
  answers = new Map([[JANA, session()]]);
  cache = new SessionCache(
    async (value) => {
      asked.push(value);
      await Promise.resolve();
      const answer = answers.get(value) ?? null;
      if (answer instanceof Error) throw answer;
      return answer;
    },
    () => now,
  );
});

describe('whose session a cookie is', () => {
  it('is requested once in five seconds', async () => {
    expect(await cache.find(JANA)).toEqual(session());
    now += 4_999;
    expect(await cache.find(JANA)).toEqual(session());
    expect(asked).toHaveLength(1);
    now += 1;
    await cache.find(JANA);
    expect(asked).toHaveLength(2);
  });

  it('is asked without using the session where that was only looked at', async () => {
    const uses: boolean[] = [];
    const looking = new SessionCache(
      async (_token, isUse) => {
        uses.push(isUse);
        return session();
      },
      () => now,
    );
    for (const isUse of [false, true]) await looking.find(JANA, isUse);
    now += 5_000;
    for (const isUse of [true, false]) await looking.find(JANA, isUse);
    expect(uses).toEqual([false, true]);
  });

  it('is one request, however many concurrent lookups there are', async () => {
    expect(await Promise.all(Array.from({ length: 50 }, () => cache.find(JANA)))).toEqual(Array(50).fill(session()));
    expect(asked).toEqual([JANA]);
  });

  it('is over at most five seconds after a revocation, counted from the request and not from the reply', async () => {
    let answer = (_: GuestSession | null) => {};
    const slow = new SessionCache(
      () => new Promise((resolve) => (answer = resolve)),
      () => now,
    );
    const first = slow.find(JANA);
    now += 3_000;
    answer(session());
    await first;
    now += 2_000;
    const second = slow.find(JANA);
    answer(null);
    expect(await second).toBeNull();
  });

  it('is cached as nobody’s for five seconds, too', async () => {
    answers.set(JANA, null);
    expect([await cache.find(JANA), await cache.find(JANA)]).toEqual([null, null]);
    expect(asked).toHaveLength(1);
    answers.set(JANA, session());
    now += 5_000;
    expect(await cache.find(JANA)).toEqual(session());
  });

  it('is nobody’s from the moment at which it ends, whatever is cached', async () => {
    answers.set(JANA, { ...session(), expiresAt: new Date(START + 2_000).toISOString() });
    expect(await cache.find(JANA)).not.toBeNull();
    now += 2_000;
    expect(await cache.find(JANA)).toBeNull();
    expect(asked).toHaveLength(1);
  });
});

describe('S27 a value that is no token', () => {
  it.each(['', 'null', '[]', '{}', JANA.slice(1), `${JANA}A`, `${JANA}\n`, '%00'.padEnd(43, 'A'), 'A'.repeat(10_000)])(
    'is nobody’s without a question: %j',
    async (value) => {
      expect(await cache.find(value)).toBeNull();
      expect(asked).toEqual([]);
    },
  );
});

describe('while guest-auth is away', () => {
  it.each(['no_responders', 'timeout', 'disconnected'] as const)(
    '(%s) what it said last holds for five minutes',
    async (kind) => {
      answers.set(JANA, session(60));
      await cache.find(JANA);
      answers.set(JANA, away(kind));
      now += 5 * MINUTE_MS - 1;
      expect(await cache.find(JANA)).toEqual(session(60));
      now += 1;
      await expect(cache.find(JANA)).rejects.toMatchObject({ status: 503, code: 'temporarily_unavailable' });
    },
  );

  it('a request waits for it every five seconds at most', async () => {
    await cache.find(JANA);
    answers.set(JANA, away('timeout'));
    now += 10_000;
    for (let n = 0; n < 5; n++) await cache.find(JANA);
    expect(asked).toHaveLength(2);
    now += 5_000;
    await cache.find(JANA);
    expect(asked).toHaveLength(3);
  });

  it('a session still ends at its own expiry', async () => {
    answers.set(JANA, session(2));
    await cache.find(JANA);
    answers.set(JANA, away());
    now += 2 * MINUTE_MS;
    expect(await cache.find(JANA)).toBeNull();
  });

  it('a session that is not cached cannot be checked: 503, and nobody becomes a guest', async () => {
    answers.set(JANA, away());
    await expect(cache.find(JANA)).rejects.toMatchObject({ status: 503 });
    answers.set(token(2), null);
    await cache.find(token(2));
    answers.set(token(2), away());
    now += 6_000;
    await expect(cache.find(token(2))).rejects.toMatchObject({ status: 503 });
  });

  it('and back, its replies count at once: a session that was revoked meanwhile is over', async () => {
    await cache.find(JANA);
    answers.set(JANA, away());
    now += MINUTE_MS;
    await cache.find(JANA);
    answers.set(JANA, null);
    now += 5_000;
    expect(await cache.find(JANA)).toBeNull();
    answers.set(JANA, away());
    now += 5_000;
    await expect(cache.find(JANA)).rejects.toMatchObject({ status: 503 });
  });

  it('an error of our own does not count as unavailable', async () => {
    await cache.find(JANA);
    answers.set(JANA, new TypeError('a bug'));
    now += 6_000;
    await expect(cache.find(JANA)).rejects.toThrow('a bug');
  });
});

describe('guessing', () => {
  it('fills a bounded cache, and evicts no session from it', async () => {
    await cache.find(JANA);
    for (let n = 100; n < 5_200; n++) await cache.find(token(n));
    expect(asked).toHaveLength(5_101);
    // The oldest of the guesses has made room, the session has not.
    await cache.find(JANA);
    await cache.find(token(5_199));
    expect(asked).toHaveLength(5_101);
    await cache.find(token(100));
    expect(asked).toHaveLength(5_102);
  });
});
