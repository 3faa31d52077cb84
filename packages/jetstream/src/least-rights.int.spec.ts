import { type NatsServer, type NatsUser, startNats, waitFor } from '@bellhop/local-stack';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { NestFactory } from '@nestjs/core';
import { handlerOf, Recorder, small } from '../test/fixture.js';
import {
  type EventContext,
  JetStreamPublisher,
  JetStreamStrategy,
  type JetStreamStrategyOptions,
  NatsLink,
  PublishError,
  provisionJetStream,
  StreamReader,
} from './index.js';

/** The server with the users of deploy/nats, each with no right more than it needs. */
let server: NatsServer;
const cleanups: (() => Promise<unknown> | unknown)[] = [];

beforeAll(async () => {
  server = await startNats({ accounts: true });
  const link = linkOf('provisioner');
  await provisionJetStream(await link.connected(), {
    streams: [small('TICKETS'), small('INBOUND'), small('DEAD_LETTERS')],
    consumers: [
      { stream: 'INBOUND', service: 'notifications' },
      { stream: 'TICKETS', service: 'notifications' },
    ],
    replicas: 1,
    apply: true,
  });
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});
afterAll(() => server.stop());

function linkOf(user: NatsUser, inboxPrefix?: string): NatsLink {
  const options = { url: server.urlFor(user), name: user, log: () => undefined };
  const link = new NatsLink(inboxPrefix ? { ...options, inboxPrefix } : options);
  link.start();
  cleanups.push(() => link.close());
  return link;
}

async function publisherOf(user: NatsUser, inboxPrefix?: string): Promise<JetStreamPublisher> {
  const link = linkOf(user, inboxPrefix);
  await link.connected();
  const publisher = new JetStreamPublisher({ link });
  cleanups.push(() => publisher.close());
  return publisher;
}

async function strategyOf(
  user: NatsUser,
  options: Pick<JetStreamStrategyOptions, 'service' | 'streams'>,
  handle: (event: unknown, context: EventContext) => unknown,
) {
  const link = linkOf(user);
  await link.connected();
  const strategy = new JetStreamStrategy({
    ...options,
    link,
    publisher: await publisherOf(user),
    isTransientError: () => false,
    isHealthy: async () => true,
    log: new Recorder(),
  });
  const module = { module: class TestModule {}, controllers: [handlerOf('>', handle)] };
  const app = await NestFactory.createMicroservice(module, { strategy, logger: false });
  await app.listen();
  cleanups.push(() => app.close());
  return strategy;
}

const bytes = new TextEncoder().encode('{"n":1}');

describe('with the least rights of deploy/nats', () => {
  it('the notifier looks into the dead letters one by one, and into nothing else', async () => {
    const tickets = await publisherOf('tickets');
    const headers = { 'Bellhop-Reason': 'invalid_event' };
    const letter = { subject: 'dead_letters.tickets.bellhop.invalid_event', id: 'TICKETS:1', data: bytes, headers };
    expect(await tickets.publish([letter])).toMatchObject([{ ok: true }]);
    const link = linkOf('notifications');
    await link.connected();
    const letters = new StreamReader(link, 'DEAD_LETTERS');
    const { last } = await letters.bounds();
    const found = await letters.get(last);
    expect(found).toMatchObject({ sequence: last, subject: letter.subject });
    expect(Buffer.from(found?.data ?? []).toString()).toBe('{"n":1}');
    expect(Object.fromEntries(found?.headers ?? [])).toMatchObject({ 'Bellhop-Reason': ['invalid_event'] });
    expect(await letters.get(last + 1)).toBeNull();
    await expect(new StreamReader(link, 'INBOUND').get(1)).rejects.toThrow(/cannot be read: .*permissions violation/i);
    await link.close();
    await expect(letters.get(last)).rejects.toMatchObject({ code: 'transient_error' });
  });

  it('an outside system publishes into its own subjects, and the service handles and settles it', async () => {
    const heard: EventContext[] = [];
    const strategy = await strategyOf(
      'notifications',
      { service: 'notifications', streams: ['INBOUND', 'TICKETS'] },
      (_, context) => heard.push(context),
    );
    await waitFor(() => strategy.problem() === null);
    const crm = await publisherOf('crm', '_INBOX');
    const [outcome] = await crm.publish([{ subject: 'inbound.crm.tickets.v1.replied', id: 'e1', data: bytes }]);
    expect(outcome).toMatchObject({ ok: true, stream: 'INBOUND' });
    await waitFor(() => heard.length === 1);
    expect(heard[0]?.subject).toBe('inbound.crm.tickets.v1.replied');
    expect(heard[0]?.headers).toEqual({});
    const admin = await linkOf('provisioner').connected();
    await waitFor(async () => {
      const info = (await admin.request('$JS.API.CONSUMER.INFO.INBOUND.notifications')).json<{
        num_ack_pending: number;
      }>();
      return info.num_ack_pending === 0;
    });
  });

  it('a service publishes its events and its dead letters', async () => {
    const tickets = await publisherOf('tickets');
    const outcomes = await tickets.publish([
      { subject: 'tickets.v1.replied', id: 'a', data: bytes },
      { subject: 'dead_letters.tickets.bellhop.invalid_json', id: 'b', data: bytes },
    ]);
    expect(outcomes.map((outcome) => outcome.ok)).toEqual([true, true]);
  });

  it('a subject that is not its own is refused at once, in words, and the others of the call are stored', async () => {
    const tickets = await publisherOf('tickets');
    const before = performance.now();
    const [refused, stored] = await tickets.publish([
      { subject: 'guests.v1.address_proven', id: 'c', data: bytes },
      { subject: 'tickets.v1.replied', id: 'd', data: bytes },
    ]);
    expect(performance.now() - before).toBeLessThan(2_000);
    expect(stored?.ok).toBe(true);
    expect(refused).toMatchObject({ ok: false, error: expect.any(PublishError) });
    expect(refused).toMatchObject({
      error: { code: 'not_permitted', message: 'this NATS user may not publish guests.v1.address_proven' },
    });
  });

  it('an inbox that is not its own is named, with what to do', async () => {
    const tickets = await publisherOf('tickets', '_INBOX_wrong');
    const [outcome] = await tickets.publish([{ subject: 'tickets.v1.replied', id: 'e', data: bytes }]);
    expect(outcome).toMatchObject({
      error: {
        code: 'not_permitted',
        message: 'this NATS user may not receive replies on _INBOX_wrong.>: allow it, or set another inbox prefix',
      },
    });
  });

  it('a consumer that is not its own is named, with the right that is missing', async () => {
    const strategy = await strategyOf('tickets', { service: 'tickets', streams: ['INBOUND'] }, () => undefined);
    await waitFor(() => strategy.problem()?.includes('may not use'));
    expect(strategy.problem()).toContain(
      'allow $JS.API.CONSUMER.INFO.INBOUND.tickets and $JS.API.CONSUMER.MSG.NEXT.INBOUND.tickets',
    );
  });
});
