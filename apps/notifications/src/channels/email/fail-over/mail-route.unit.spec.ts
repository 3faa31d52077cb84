import { waitFor } from '@bellhop/local-stack';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { Outcome } from '../../channel.js';
import type { EmailProvider } from '../email-provider.js';
import { tooFast } from '../limits/too-fast.js';
import { MailRoute } from './mail-route.js';

const ACCEPTED: Outcome = { kind: 'accepted', ref: 'r' };
const UNREACHABLE: Outcome = { kind: 'not_sent', cause: 'unreachable' };
const TIMED_OUT: Outcome = { kind: 'not_sent', cause: 'timed_out' };

/** What the provider answers next, and what it says when it is asked without a mail. */
let answer: () => Promise<Outcome>;
let verify: () => Promise<string | null>;
let checks: number;
let route: MailRoute;

beforeEach(() => {
  Logger.overrideLogger(false);
  verify = async () => null;
  checks = 0;
  const provider: EmailProvider = {
    format: 'smtp',
    host: 'mail.example.com:587',
    limit: null,
    maxBatch: 1,
    maxInFlight: 10,
    idempotent: false,
    compose: () => Buffer.alloc(0),
    send: async (batch) => Promise.all(batch.map(() => answer())),
    verify: () => {
      checks += 1;
      return verify();
    },
    close: async () => undefined,
  };
  const times = { firstMs: 10, longestMs: 20 };
  route = new MailRoute(provider, { name: provider.host, compose: () => Buffer.alloc(0), hasOther: () => true, times });
});
afterEach(() => route.close());

let count = 0;
const send = (next: () => Outcome) => {
  answer = async () => next();
  count += 1;
  return route.send([{ deliveryId: `d${count}`, bytes: Buffer.alloc(0) }], 'key');
};
/** Opens the circuit, and waits until a mail may try it again. */
async function untilTrial(): Promise<void> {
  await send(() => UNREACHABLE);
  expect(route.takes).toBe(false);
  await waitFor(() => route.takes && route.isOpen, { what: 'the trial' });
}

describe('a mail that we held back ourselves', () => {
  it('is no answer of the provider, whose failures in a row still count', async () => {
    await send(() => TIMED_OUT);
    await send(() => tooFast(200));
    await send(() => TIMED_OUT);
    await send(() => tooFast(600_000));
    expect(route.isOpen).toBe(false);
    await send(() => TIMED_OUT);
    expect(route.isOpen).toBe(true);
  });

  it('is no trial either: the next mail is, and this one goes to the other provider', async () => {
    await untilTrial();
    expect(await send(() => tooFast(200))).toEqual([{ ...tooFast(200), hasOther: true }]);
    expect([route.isOpen, route.takes]).toEqual([true, true]);
    await send(() => ACCEPTED);
    expect(route.isOpen).toBe(false);
  });
});

describe('a defect', () => {
  const defect = () => Promise.reject(new Error('defect'));

  it('in a trial leaves the next mail to try', async () => {
    await untilTrial();
    await expect(
      send(() => {
        throw new Error('defect');
      }),
    ).rejects.toThrow('defect');
    expect(route.takes).toBe(true);
    await send(() => ACCEPTED);
    expect(route.isOpen).toBe(false);
  });

  it('in the check of a provider that is left alone is followed by the next check', async () => {
    verify = defect;
    await send(() => UNREACHABLE);
    await waitFor(() => checks >= 3, { what: 'three checks' });
    verify = async () => null;
    await waitFor(() => route.takes, { what: 'the trial' });
  });
});
