import { randomUUID } from 'node:crypto';
import { OWN_SYSTEM } from '@bellhop/contracts/persons';
import { Shutdown } from '@bellhop/http';
import { NatsLink, RpcClient } from '@bellhop/jetstream';
import { type NatsServer, startNats, waitFor } from '@bellhop/local-stack';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { migratedDatabase } from '../../test/database.js';
import { claim, countedAs, emailOver, insertDelivery, settingsOf } from '../../test/delivery-rows.js';
import { dispatchResources } from '../../test/dispatch-resources.js';
import { GuestAuth } from '../../test/guest-auth.js';
import { ResendBench, send } from '../../test/resend-bench.js';
import { recordStatements } from '../../test/statements.js';
import { Dispatcher } from './dispatcher.js';

/** Long enough that a slow machine does not look like an unavailable guest-auth. */
const ANSWER_MS = 20_000;

const bench = new ResendBench();
let dataSource: DataSource;
let stop: () => Promise<void>;
let nats: NatsServer;
let link: NatsLink;
let guestAuth: GuestAuth;
let shutdown: Shutdown;

beforeAll(async () => {
  Logger.overrideLogger(false);
  ({ dataSource, stop } = await migratedDatabase());
  nats = await startNats({ accounts: true });
  link = new NatsLink({ url: nats.urlFor('notifications'), name: 'notifications', log: () => undefined });
  link.start();
  await link.connected();
  guestAuth = await GuestAuth.start(nats);
  await guestAuth.answer();
});
afterAll(async () => {
  await guestAuth?.stop();
  await link?.close();
  await nats?.stop();
  await stop?.();
});
beforeEach(() => {
  shutdown = new Shutdown(new Logger('shutdown'));
});
afterEach(async () => {
  jest.restoreAllMocks();
  await shutdown.run();
  guestAuth.requests.length = 0;
  await dataSource.query('truncate deliveries, told, frozen_requests, outbox');
});

const CLAIM = 'update deliveries, insert into told';
const LOOK = 'select deliveries';
const BEGIN = 'update deliveries, insert into frozen_requests';
const RECORD = [
  'start transaction',
  'update deliveries',
  'delete from sealed_codes',
  'delete from frozen_requests',
  'insert into outbox',
  'commit',
];

/** Sends so many deliveries, each to another person. @returns the statements */
async function dispatch(count: number, columns: () => Record<string, unknown> = () => ({})): Promise<string[]> {
  for (let index = 0; index < count; index++) {
    const [recipient_key, endpoint] = [`crm:user:p${index}`, `p${index}@example.com`];
    await insertDelivery(dataSource, { recipient_key, endpoint, ...columns() });
  }
  const channel = bench.channel();
  // Before its first answer the provider allows one request, so a claim holds no more.
  await send(channel);
  const { metrics, dispatcher } = dispatcherOver(channel);
  const statements = recordStatements(dataSource);
  dispatcher.start();
  await waitFor(async () => (await countedAs(metrics, 'accepted')) === count, { what: 'all to be recorded' });
  // Meanwhile the loop polls for more: how often depends on time.
  return statements.filter((one, index) => index === 0 || one !== CLAIM);
}

function dispatcherOver(provider: ReturnType<ResendBench['channel']>) {
  const { metrics, resources } = dispatchResources(dataSource, settingsOf(), new RpcClient(link, ANSWER_MS));
  const dispatcher = new Dispatcher(emailOver(provider), resources);
  shutdown.add('workers', 'dispatcher', () => dispatcher.stop());
  return { metrics, dispatcher };
}

it('ends its hold on a delivery that was erased after it was claimed', async () => {
  const { resources } = dispatchResources(dataSource, settingsOf(), new RpcClient(link, ANSWER_MS));
  await insertDelivery(dataSource, { recipient_key: 'stays' });
  await insertDelivery(dataSource, { recipient_key: 'erased' });
  const claimed = await claim(dataSource);
  await dataSource.query(`delete from deliveries where recipient_key = 'erased'`);
  const { done, batches } = await resources.preparation.prepare({ channel: emailOver(), dataSource, claimed });
  expect(done.map(({ recipientKey }) => recipientKey)).toEqual(['erased']);
  expect(batches.flatMap(({ members }) => members).map(({ recipientKey }) => recipientKey)).toEqual(['stays']);
});

describe('the statements of one claim', () => {
  it('are nine for one delivery', async () => {
    expect(await dispatch(1)).toEqual([CLAIM, LOOK, BEGIN, ...RECORD]);
  });

  it('are no more for 250 in three requests, except that outcomes are recorded as answers come', async () => {
    const [claim, look, begin, ...records] = await dispatch(250);
    expect([claim, look, begin]).toEqual([CLAIM, LOOK, BEGIN]);
    expectRecords(records, 3);
    const sent = (await bench.server.requests()).filter(({ path }) => path === '/emails/batch');
    expect(sent).toHaveLength(3);
  });

  it('are one more for 250 guests, whose links come from one request to guest-auth', async () => {
    const guest = () => ({ system: OWN_SYSTEM, ticket_id: randomUUID(), recipient_kind: 'guest', recipient_id: null });
    const [claim, look, again, begin, ...records] = await dispatch(250, guest);
    expect([claim, look, again, begin]).toEqual([CLAIM, LOOK, LOOK, BEGIN]);
    expectRecords(records, 3);
    expect(guestAuth.requests.map(({ length }) => length)).toEqual([250]);
  });
});

/** Answers that come together are recorded together. */
function expectRecords(statements: readonly string[], atMost: number): void {
  const commits = statements.length / RECORD.length;
  expect(statements).toEqual(Array.from({ length: commits }, () => RECORD).flat());
  expect(commits).toBeLessThanOrEqual(atMost);
}
