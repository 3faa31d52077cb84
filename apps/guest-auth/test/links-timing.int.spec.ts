import { randomUUID } from 'node:crypto';
import { waitFor } from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type RunningGuestAuth, runningGuestAuth } from './running-guest-auth.js';

/** Half the time of a request to another service, which a leak would add; more than the remaining noise of a busy machine. */
const MAX_DIFFERENCE_MS = 1.5;
const ROUNDS = 100;
/** Noise averages out with more samples, a leak does not. */
const MAX_ROUNDS = 600;

/** Each group follows each other one equally often, because one request might slow down the next. */
const ORDERS = [
  [0, 1, 2],
  [2, 1, 0],
  [1, 0, 2],
  [2, 0, 1],
  [0, 2, 1],
  [1, 2, 0],
] as const;

let app: RunningGuestAuth;
beforeAll(async () => {
  app = await runningGuestAuth();
});
afterAll(() => app.stop());

/** Work after an answer must not slow down the next one, or the groups would disturb each other. */
const settled = () =>
  waitFor(async () => (await app.database.query('select from link_requests')).rowCount === 0, {
    what: 'the request to be settled',
  });

/**
 * The time of the fastest ones. Other load makes some answers slower and never one faster; a delay in a branch makes all of them slower.
 */
function quick(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b);
  const quarter = sorted.slice(Math.floor(sorted.length * 0.1), Math.ceil(sorted.length * 0.4));
  return quarter.reduce((sum, ms) => sum + ms, 0) / quarter.length;
}

describe('S4 the time of an answer', () => {
  it('S4 is the same whether the ticket is theirs, is another one, or is none: not even one more query', async () => {
    const { number, email } = await app.ticket();
    const groups = {
      known: { number, email },
      'no such number': { number: 'NOSUCH', email },
      'another address': { number, email: `g${randomUUID().slice(0, 8)}@example.com` },
    };
    const times = { known: [] as number[], 'no such number': [] as number[], 'another address': [] as number[] };
    const names = Object.keys(groups) as (keyof typeof groups)[];
    const browser = app.browser();
    const round = async (first: number) => {
      await app.forgetSpendings();
      for (const place of ORDERS[first % ORDERS.length] as readonly number[]) {
        const name = names[place] as (typeof names)[0];
        const { status, ms } = await browser.send('POST', '/guest/links', groups[name]);
        expect(status).toBe(202);
        times[name].push(ms);
        await settled();
      }
    };
    const difference = () => Math.max(...names.map((name) => Math.abs(quick(times[name]) - quick(times.known))));
    for (let done = 0; done < 20; done += 1) await round(done);
    for (const name of names) times[name].length = 0;
    let rounds = 0;
    do {
      for (const end = rounds + ROUNDS; rounds < end; rounds += 1) await round(rounds);
    } while (difference() > MAX_DIFFERENCE_MS && rounds < MAX_ROUNDS);
    expect(difference()).toBeLessThanOrEqual(MAX_DIFFERENCE_MS);
  });
});
