import { type ResendServer, SmtpSink, startResend, waitFor } from '@bellhop/local-stack';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { insertDelivery } from '../../../../test/delivery-rows.js';
import { MailDispatch } from '../../../../test/mail-dispatch.js';
import type { CircuitTimes } from './circuit.js';

/** Of a circuit, so that a test need not wait. */
const QUICK: CircuitTimes = { firstMs: 200, longestMs: 400 };
/** So long that it does not end within a test. */
const NEVER: CircuitTimes = { firstMs: 600_000, longestMs: 600_000 };

let mails: MailDispatch;
let resend: ResendServer;
let sink: SmtpSink;

beforeAll(async () => {
  mails = await MailDispatch.start();
});
afterAll(() => mails?.stop());
beforeEach(async () => {
  [resend, sink] = await Promise.all([startResend(), SmtpSink.start()]);
});
afterEach(async () => {
  await mails.end();
  await Promise.all([resend.stop(), sink.close()]);
});

const start = (emailUrl: string, times: CircuitTimes) => mails.send(emailUrl, { times });

const insert = (name: string) =>
  insertDelivery(mails.dataSource, { recipient_key: `crm:user:${name}`, endpoint: `${name}@example.com` });
const takenByResend = async () => (await resend.emails({ isBrief: true })).flatMap(({ to }) => to);
const takenBySink = () => sink.mails.flatMap(({ to }) => to);

describe('what a guest waits for', () => {
  it('never tries out a provider that has failed, while another one takes it at once', async () => {
    const channel = start(`${sink.url},${resend.url}`, QUICK);
    await sink.refuseConnections();
    await insert('away');
    await mails.until(`state = 'accepted'`, 1);
    await sink.acceptConnections();
    await waitFor(() => channel.provider() === channel.providers[0], { what: 'the trial' });
    for (const name of ['one', 'two']) {
      await mails.insertRequested(name);
      await mails.until(`state = 'accepted' and recipient_key = '${name}'`, 1);
    }
    expect(await takenByResend()).toEqual(expect.arrayContaining(['one@example.com', 'two@example.com']));
    expect(channel.problem).not.toBeNull();
    await insert('trial');
    await mails.until(`state = 'accepted'`, 4);
    expect(takenBySink()).toEqual(['trial@example.com']);
    expect(channel.problem).toBeNull();
    await mails.insertRequested('healed');
    await mails.until(`state = 'accepted'`, 5);
    expect(takenBySink()).toContain('healed@example.com');
  }, 60_000);
});

it('a mail that only a failed provider may send waits for as long as its provider wants to be left alone, and is not claimed again and again', async () => {
  await resend.when({ at: 'after', answer: 'drop', times: 1 });
  await insert('lost');
  start(`${resend.url},${sink.url}`, NEVER);
  await mails.until('unknowns > 0', 1);
  await mails.dataSource.query(`update deliveries set due_at = now() + interval '1 hour'`);
  await resend.when({ at: 'before', answer: { status: 429, retryAfterSeconds: 600 }, times: 1 });
  await insert('other');
  await mails.until(`state = 'accepted'`, 1);
  await mails.dataSource.query(`update deliveries set due_at = now() where endpoint like 'lost%'`);
  await mails.until(`endpoint like 'lost%' and reason = 'given_back'`, 1);
  expect(await mails.count(`endpoint like 'lost%' and due_at > now() + interval '500 seconds'`)).toBe(1);
  expect(takenBySink()).not.toContain('lost@example.com');
}, 60_000);
