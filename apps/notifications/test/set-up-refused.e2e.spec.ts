import { type SinkRule, waitFor } from '@bellhop/local-stack';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Operations, solved } from './operations.js';

let stack: Operations;

beforeAll(async () => {
  stack = await Operations.start();
});
afterAll(() => stack?.stop());
afterEach(() => stack.sink.forgetRules());

const shown = async (query: string) => (await stack.ask('GET', `/ops/deliveries?${query}`)).body.items[0];
const told = (code: string) =>
  stack.notifier.logLines().filter((line) => line.includes('refused because of our set-up') && line.includes(code));
const suppressed = async () => (await stack.notifier.database.query('select endpoint from suppressions')).rows;

/** Publishes an alert, and waits until its delivery was tried. */
async function tried(address: string, rule: SinkRule) {
  stack.sink.when({ to: address, ...rule });
  const event = solved(address);
  await stack.publish(event);
  const query = `ticket=${event.data.ticket.id}`;
  await waitFor(
    async () => ['retrying', 'dead'].includes((await shown(query))?.state) && (await shown(query)).attempts > 0,
    {
      what: 'a first try',
    },
  );
  return query;
}

describe('S46 a refusal because of our set-up', () => {
  it.each<[string, string, SinkRule]>([
    ['relay', 'setup_refused', { at: 'rcpt', answer: '554 5.7.1 Relay access denied' }],
    ['client', 'setup_refused', { at: 'rcpt', answer: '554 5.7.1 Client host rejected: Access denied' }],
    ['dns', 'sender_refused', { at: 'rcpt', answer: '550 Invalid DNS MX or A/AAAA resource record' }],
    ['quota', 'quota_exceeded', { at: 'rcpt', answer: '550 5.4.5 Daily user sending limit exceeded' }],
  ])('waits, suppresses nobody, and is sent after the set-up is corrected: %s → %s', async (name, code, rule) => {
    const address = `${name}@example.com`;
    const query = await tried(address, rule);
    const delivery = await shown(query);
    expect(delivery).toMatchObject({ state: 'retrying', reason: expect.stringContaining(`${code}: 55`) });
    expect(await suppressed()).toEqual([]);
    stack.sink.forgetRules();
    await stack.ask('POST', `/ops/deliveries/${delivery.id}/replay`, {});
    await waitFor(async () => (await shown(query)).state === 'accepted', { what: 'the mail to be taken' });
  });

  it('is logged for the operator at the first mail, and not again at the next', async () => {
    // Two mails were refused by now.
    await waitFor(() => told('quota_exceeded').length > 0, { what: 'a line in the log' });
    for (const code of ['setup_refused', 'sender_refused', 'quota_exceeded']) expect(told(code)).toHaveLength(1);
    expect(told('setup_refused')[0]).toMatch(/setup_refused: 554 5.7.1 .*access denied/);
  });
});

describe('S46 a mailbox that exists', () => {
  it.each([
    ['busy', '550 5.2.1 The user is receiving mail at a rate that prevents more'],
    ['full', '552 5.1.1 recipient rejected - extended quota violation'],
    ['locked', '550 User suspended, temporarily'],
  ])('is tried again and not suppressed: %s', async (name, answer) => {
    const query = await tried(`${name}@example.com`, { at: 'rcpt', answer });
    expect((await shown(query)).state).toBe('retrying');
    expect(await suppressed()).toEqual([]);
  });
});

it('our name in EHLO is the host of EMAIL_FROM, which is valid also in a container', () => {
  expect(new Set(stack.sink.clients)).toEqual(new Set(['example.test']));
});
