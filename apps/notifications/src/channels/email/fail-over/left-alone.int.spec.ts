import { randomUUID } from 'node:crypto';
import { OWN_SYSTEM } from '@bellhop/contracts/persons';
import { Shutdown } from '@bellhop/http';
import type { RpcClient } from '@bellhop/jetstream';
import { type ResendServer, SmtpSink, startResend, waitFor } from '@bellhop/local-stack';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { migratedDatabase } from '../../../../test/database.js';
import { insertDelivery, settingsOf } from '../../../../test/delivery-rows.js';
import { dispatchResources } from '../../../../test/dispatch-resources.js';
import { Dispatcher } from '../../../dispatch/dispatcher.js';
import { EmailChannel } from '../email-channel.js';
import { emailProviders } from '../email-url.js';
import type { CircuitTimes } from './circuit.js';

const LONG_MS = 120_000;
/** Of a circuit, so that a test need not wait. */
const QUICK: CircuitTimes = { firstMs: 200, longestMs: 400 };
/** So long that it does not end within a test. */
const NEVER: CircuitTimes = { firstMs: 600_000, longestMs: 600_000 };

let dataSource: DataSource;
let stop: () => Promise<void>;
let resend: ResendServer;
let sink: SmtpSink;
let shutdown: Shutdown;

beforeAll(async () => {
  Logger.overrideLogger(false);
  ({ dataSource, stop } = await migratedDatabase());
});
afterAll(() => stop?.());
beforeEach(async () => {
  shutdown = new Shutdown(new Logger('shutdown'));
  [resend, sink] = await Promise.all([startResend(), SmtpSink.start()]);
});
afterEach(async () => {
  await shutdown.run();
  await Promise.all([resend.stop(), sink.close()]);
  await dataSource.query('truncate deliveries, told, frozen_requests, suppressions, outbox');
});

/** A running dispatcher whose providers are those of EMAIL_URL. */
function start(emailUrl: string, times: CircuitTimes): EmailChannel {
  const settings = settingsOf();
  const { resources } = dispatchResources(dataSource, settings, {} as RpcClient);
  const channel = new EmailChannel(emailProviders(emailUrl, { closeMs: 2_000 }), { ...settings, times });
  const dispatcher = new Dispatcher(channel, resources);
  shutdown.add('workers', 'dispatcher', () => dispatcher.stop());
  dispatcher.start();
  return channel;
}

const insert = (name: string) =>
  insertDelivery(dataSource, { recipient_key: `crm:user:${name}`, endpoint: `${name}@example.com` });
/** One that a guest waits for. */
const insertRequested = (name: string) =>
  insertDelivery(dataSource, {
    ...{ system: OWN_SYSTEM, recipient_key: name, endpoint: `${name}@example.com`, priority: 0, is_alone: true },
    ...{ request_id: randomUUID(), ticket_id: randomUUID(), event_ids: [], state: 'retrying' },
    expires_at: new Date(Date.now() + 600_000),
  });
const count = async (condition: string): Promise<number> =>
  (await dataSource.query(`select count(*)::int as count from deliveries where ${condition}`))[0].count;
const until = (condition: string, wanted: number) =>
  waitFor(async () => (await count(condition)) === wanted, { what: `${wanted} × ${condition}`, timeoutMs: LONG_MS });
const takenByResend = async () => (await resend.emails({ isBrief: true })).flatMap(({ to }) => to);
const takenBySink = () => sink.mails.flatMap(({ to }) => to);

describe('what a guest waits for', () => {
  it('never tries out a provider that has failed, while another one takes it at once', async () => {
    const channel = start(`${sink.url},${resend.url}`, QUICK);
    await sink.refuseConnections();
    await insert('away');
    await until(`state = 'accepted'`, 1);
    await sink.acceptConnections();
    await waitFor(() => channel.provider() === channel.providers[0], { what: 'the trial' });
    for (const name of ['one', 'two']) {
      await insertRequested(name);
      await until(`state = 'accepted' and recipient_key = '${name}'`, 1);
    }
    expect(await takenByResend()).toEqual(expect.arrayContaining(['one@example.com', 'two@example.com']));
    expect(channel.problem).not.toBeNull();
    await insert('trial');
    await until(`state = 'accepted'`, 4);
    expect(takenBySink()).toEqual(['trial@example.com']);
    expect(channel.problem).toBeNull();
    await insertRequested('healed');
    await until(`state = 'accepted'`, 5);
    expect(takenBySink()).toContain('healed@example.com');
  }, 60_000);
});

it('a mail that only a failed provider may send waits for as long as its provider wants to be left alone, and is not claimed again and again', async () => {
  await resend.when({ at: 'after', answer: 'drop', times: 1 });
  await insert('lost');
  start(`${resend.url},${sink.url}`, NEVER);
  await until('unknowns > 0', 1);
  await dataSource.query(`update deliveries set due_at = now() + interval '1 hour'`);
  await resend.when({ at: 'before', answer: { status: 429, retryAfterSeconds: 600 }, times: 1 });
  await insert('other');
  await until(`state = 'accepted'`, 1);
  await dataSource.query(`update deliveries set due_at = now() where endpoint like 'lost%'`);
  await until(`endpoint like 'lost%' and reason = 'given_back'`, 1);
  expect(await count(`endpoint like 'lost%' and due_at > now() + interval '500 seconds'`)).toBe(1);
  expect(takenBySink()).not.toContain('lost@example.com');
}, 60_000);
