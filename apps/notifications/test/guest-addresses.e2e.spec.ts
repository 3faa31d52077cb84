import { randomUUID } from 'node:crypto';
import { emailAddress } from '@bellhop/contracts/persons';
import { buildEvent } from '@bellhop/contracts/testing';
import { headersOf, waitFor } from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { GuestAuth } from './guest-auth.js';
import { Operations } from './operations.js';

let stack: Operations;
let guestAuth: GuestAuth;

beforeAll(async () => {
  stack = await Operations.start();
  guestAuth = await GuestAuth.start(stack.nats);
  await guestAuth.answer();
});
afterAll(async () => {
  await guestAuth?.stop();
  await stack?.stop();
});

const pieces = fc.constantFrom(
  'jana',
  '@',
  '@example.com',
  'Jana <jana@example.com>',
  ',',
  ';',
  ' ',
  '\r\n',
  '\n',
  '\r',
  '\0',
  '\t',
  '\u2028',
  '\u0085',
  '\r\nBcc: spy@example.com',
  '"',
  '<',
  '>',
  '(',
  ')',
  ':',
  'group: a@example.com, b@example.com;',
  '%',
  '!',
  '..',
  '.',
  '+tag',
  '=?utf-8?q?x?=',
  'münchen.example',
  '\u202E',
  '＠',
  '[127.0.0.1]',
  '\uD800',
);
const anything = fc.oneof(
  fc.array(fc.oneof(pieces, fc.string({ unit: 'binary', maxLength: 8 })), { maxLength: 6 }).map((all) => all.join('')),
  fc.string({ unit: 'grapheme', maxLength: 20 }).map((local) => `${local}@example.com`),
  fc.tuple(fc.stringMatching(/^[a-z0-9+._'-]{1,12}$/), pieces).map(([local, odd]) => `${local}@example.com${odd}`),
  fc.stringMatching(/^[A-Za-z0-9+_'-]{1,16}$/).map((local) => `${local}@example.com`),
);

/** Each mail at the sink went to exactly one of these, with the same address in its only To, and without copies. */
function expectOnly(addresses: readonly string[]): void {
  for (const { to, raw } of stack.sink.mails) {
    expect(to).toHaveLength(1);
    expect(addresses).toContain(to[0]);
    const headers = headersOf(raw).map(([name, value]) => [name.toLowerCase(), value] as const);
    expect(headers.filter(([name]) => name === 'to')).toEqual([['to', to[0]]]);
    expect(headers.filter(([name]) => /^(cc|bcc|reply-to|resent-.*)$/.test(name))).toEqual([]);
  }
  expect(stack.sink.mails.map(({ to }) => to[0]).sort()).toEqual([...addresses].sort());
}

describe('S13 any text as an address', () => {
  const samples = fc.sample(anything, { numRuns: 1_500, seed: 4711 });
  const good = [...new Set(samples.filter((text) => emailAddress.safeParse(text).success))];

  it('is a good sample: some addresses, and far more that are none', () => {
    expect(good.length).toBeGreaterThan(100);
    expect(samples.length - good.length).toBeGreaterThan(700);
  });

  it('in a request for a code reaches exactly the valid addresses, and the rest is refused', async () => {
    const expiresAt = new Date(Date.now() + 600_000).toISOString();
    for (let index = 0; index < samples.length; index += 100) {
      await Promise.all(
        samples.slice(index, index + 100).map(async (email) => {
          const question = { challengeId: randomUUID(), email, code: '480217', number: 'S13', expiresAt };
          const answer = await guestAuth.send('notifications.rpc.v1.send_code', question);
          expect(answer.includes('"accepted":true')).toBe(good.includes(email));
        }),
      );
    }
    await stack.notifier.untilSettled(120_000);
    const asked = samples.filter((text) => good.includes(text));
    expectOnly(asked);
  });

  it('in an event of another system reaches exactly the valid addresses, and the rest become dead letters', async () => {
    stack.sink.mails.length = 0;
    const some = [...new Set(samples)].slice(0, 500);
    for (const [index, email] of some.entries()) {
      const event = buildEvent('ticket.resolved.v1', {
        ticket: { id: `S13-${index}`, url: `https://crm.example.com/t/${index}` },
      });
      const data = { ...event.data, requester: { kind: 'guest', email } };
      await stack.publishRaw('inbound.crm.tickets.v1.resolved', JSON.stringify({ ...event, data }));
    }
    await stack.notifier.untilConsumed('INBOUND', 60_000);
    await stack.notifier.untilSettled(120_000);
    await waitFor(() => stack.sink.mails.length >= some.filter((text) => good.includes(text)).length);
    expectOnly(some.filter((text) => good.includes(text)));
  });
});
