import { streams } from '@bellhop/contracts/streams';
import { startNats, waitFor } from '@bellhop/local-stack';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { DeliverPolicy } from '@nats-io/jetstream';
import { Bench, handlerOf } from '../test/fixture.js';
import { NatsLink, provisionJetStream, StreamInspector } from './index.js';

describe('StreamInspector', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await Bench.start();
  });
  afterAll(() => bench.stop());
  afterEach(() => bench.reset());

  it('reads the ends of a stream, the positions of its consumers, and the id of each message', async () => {
    await bench.provision();
    for (const id of ['a', 'b', 'c']) await bench.store('tickets.v1.replied', {}, { 'Nats-Msg-Id': id });
    await bench.manager.streams.deleteMessage('TICKETS', 1);
    const inspector = await inspectorOf();
    expect(await inspector.inspect('TICKETS')).toMatchObject({
      createdAt: expect.stringMatching(/^\d{4}-/),
      firstSequence: 2,
      lastSequence: 3,
      consumers: [{ name: 'notifications', deliveredSequence: 0, ackFloor: 0 }],
    });
    expect(await Promise.all([1, 2, 4].map((sequence) => inspector.idAt('TICKETS', sequence)))).toEqual([
      null,
      'b',
      null,
    ]);
    expect(await inspector.inspect('NOTHING')).toBeNull();
  });

  it('still reads the last sequence of a stream that was emptied', async () => {
    await bench.provision();
    await bench.storeMany('tickets.v1.replied', 5);
    await bench.manager.streams.purge('TICKETS');
    expect(await (await inspectorOf()).inspect('TICKETS')).toMatchObject({ firstSequence: 6, lastSequence: 5 });
  });

  it('never reports a consumer as ahead because events were stored during the inspection', async () => {
    await bench.provision();
    const inspector = await inspectorOf();
    const consumer = await bench.manager.jetstream().consumers.get('TICKETS', 'notifications');
    const messages = await consumer.consume();
    const consuming = (async () => {
      for await (const message of messages) message.ack();
    })();
    let isLooking = true;
    const publishing = (async () => {
      while (isLooking) await bench.storeMany('tickets.v1.replied', 20);
    })();
    const ahead: number[] = [];
    for (let look = 0; look < 150; look += 1) {
      const state = await inspector.inspect('TICKETS');
      ahead.push((state?.consumers[0]?.deliveredSequence ?? 0) - (state?.lastSequence ?? 0));
    }
    isLooking = false;
    await publishing;
    await messages.close();
    await consuming;
    expect(Math.max(...ahead)).toBeLessThanOrEqual(0);
    expect((await inspector.inspect('TICKETS'))?.consumers[0]?.deliveredSequence).toBeGreaterThan(150);
  });

  it('rebuilds a consumer with its config, so that provisioning finds nothing to do', async () => {
    const consumers = [
      { stream: 'TICKETS' as const, service: 'notifications' as const },
      { stream: 'TICKETS' as const, service: 'guest-auth' as const, filterSubjects: ['tickets.v1.created'] },
      {
        stream: 'TICKETS' as const,
        service: 'tickets' as const,
        filterSubjects: ['tickets.v1.closed', 'tickets.v1.created'],
      },
    ];
    await bench.provision({ consumers });
    await bench.storeMany('tickets.v1.created', 10);
    const inspector = await inspectorOf();
    for (const { service } of consumers) await standAhead(service);
    const before = await inspector.inspect('TICKETS');
    expect(before?.consumers.map((consumer) => consumer.deliveredSequence)).toEqual([99, 99, 99]);
    // As it comes back out of Postgres.
    const blueprints = JSON.parse(JSON.stringify(before?.consumers.map((consumer) => consumer.blueprint)));
    await inspector.rebuildConsumers('TICKETS', 10, blueprints);
    const after = await inspector.inspect('TICKETS');
    expect(after?.consumers.map((consumer) => consumer.deliveredSequence)).toEqual([0, 0, 0]);
    expect(await bench.provision({ consumers })).toEqual([]);
  });

  it('repeated, it creates missing consumers and keeps those that are not ahead', async () => {
    await bench.provision();
    await bench.storeMany('tickets.v1.created', 3);
    await standAhead('notifications');
    const inspector = await inspectorOf();
    const blueprints = (await inspector.inspect('TICKETS'))?.consumers.map((consumer) => consumer.blueprint) ?? [];
    await bench.manager.consumers.delete('TICKETS', 'notifications');
    await inspector.rebuildConsumers('TICKETS', 3, blueprints);
    const { created } = await bench.consumerInfo();
    await inspector.rebuildConsumers('TICKETS', 3, blueprints);
    expect((await bench.consumerInfo()).created).toEqual(created);
  });

  it('ignores consumers that a person created for debugging', async () => {
    await bench.provision({ consumers: [] });
    await bench.manager.consumers.add('TICKETS', { deliver_subject: 'somewhere', durable_name: 'pushed' });
    await bench.manager.consumers.add('TICKETS', { name: 'passing', inactive_threshold: 60_000_000_000 });
    expect((await (await inspectorOf()).inspect('TICKETS'))?.consumers).toEqual([]);
  });

  it('counts connections, and says why it cannot inspect without one', async () => {
    await bench.provision();
    const link = bench.link();
    const inspector = new StreamInspector(link);
    await waitFor(() => inspector.connections === 1);
    await bench.down('pause');
    await waitFor(() => link.connection === null);
    await expect(inspector.inspect('TICKETS')).rejects.toThrow(/NATS at .* (was lost|cannot be reached)/);
    await bench.resume();
    await waitFor(() => inspector.connections === 2);
    await waitFor(() => inspector.inspect('TICKETS'));
  });

  it('a service continues within a second when its consumer was rebuilt', async () => {
    await bench.provision();
    const seen: number[] = [];
    await bench.consume([handlerOf('tickets.v1.*', ({ n }) => void seen.push(n))]);
    await bench.storeMany('tickets.v1.created', 3);
    await waitFor(() => seen.length === 3);
    const blueprints = (await (await inspectorOf()).inspect('TICKETS'))?.consumers.map((one) => one.blueprint) ?? [];
    await (await inspectorOf()).rebuildConsumers('TICKETS', 0, blueprints);
    await waitFor(() => seen.length === 6, { timeoutMs: 2_000 });
    expect(seen).toEqual([0, 1, 2, 0, 1, 2]);
  });

  it('an event with the sequence of a lost one is not settled by the ack of that one', async () => {
    await bench.provision();
    await bench.setAckWait(2_000);
    const { opened, open } = bench.gate();
    const handled: number[] = [];
    const slow = handlerOf('tickets.v1.*', async ({ n }) => {
      if (n === 0) await opened;
      handled.push(n);
    });
    const { strategy } = await bench.consume([slow], { maxInFlight: 1 });
    await bench.store('tickets.v1.created', { n: 0 });
    await waitFor(() => strategy.inFlight === 1);
    const inspector = await inspectorOf();
    const blueprints = (await inspector.inspect('TICKETS'))?.consumers.map((one) => one.blueprint) ?? [];
    // The stream loses it, and the next one gets its sequence; another replica takes that, and dies with it.
    const { config } = await bench.manager.streams.info('TICKETS');
    await bench.manager.streams.delete('TICKETS');
    await bench.manager.streams.add(config);
    await inspector.rebuildConsumers('TICKETS', 0, blueprints);
    await bench.down('pause');
    await bench.resume();
    await waitFor(() => bench.store('tickets.v1.created', { n: 1 }).then(() => true));
    expect(await takeOne()).toBe(1);
    open();
    await waitFor(() => handled.length === 2);
    expect(handled).toEqual([0, 1]);
    await bench.settled();
  });

  it('S36 works with the rights of an owner, on its own streams only', async () => {
    const server = await startNats({ accounts: true });
    const link = (user: 'provisioner' | 'tickets' | 'notifications') => {
      const one = new NatsLink({ url: server.urlFor(user), name: user, log: () => undefined });
      one.start();
      return one;
    };
    const links = [link('provisioner'), link('tickets'), link('notifications')] as const;
    try {
      await provisionJetStream(await links[0].connected(), {
        streams: [streams.TICKETS, streams.NOTIFICATIONS],
        consumers: [{ stream: 'TICKETS', service: 'notifications' }],
        replicas: 1,
        apply: true,
      });
      const [owner, other] = [new StreamInspector(links[1]), new StreamInspector(links[2])];
      await Promise.all(links.map((one) => one.connected()));
      const state = await owner.inspect('TICKETS');
      expect(await owner.idAt('TICKETS', 1)).toBeNull();
      const blueprints = state?.consumers.map((consumer) => consumer.blueprint) ?? [];
      expect(blueprints).toHaveLength(1);
      await owner.rebuildConsumers('TICKETS', -1, blueprints);
      await expect(other.inspect('TICKETS')).rejects.toThrow(/permissions violation/i);
      await expect(other.rebuildConsumers('TICKETS', -1, blueprints)).rejects.toThrow(/permissions violation/i);
      await expect(other.inspect('NOTIFICATIONS')).resolves.toMatchObject({ lastSequence: 0, consumers: [] });
    } finally {
      await Promise.all(links.map((one) => one.close()));
      await server.stop();
    }
  });

  /** Pulls one message and never settles it. @returns its `n` */
  async function takeOne(): Promise<number> {
    const answer = await bench.admin.request('$JS.API.CONSUMER.MSG.NEXT.TICKETS.notifications', '1', {
      timeout: 3_000,
      noMux: true,
    });
    return answer.json<{ n: number }>().n;
  }

  async function inspectorOf(): Promise<StreamInspector> {
    const link = bench.link();
    await link.connected();
    return new StreamInspector(link);
  }

  async function standAhead(name: string): Promise<void> {
    const { config } = await bench.manager.consumers.info('TICKETS', name);
    await bench.manager.consumers.delete('TICKETS', name);
    const { metadata: _, ...kept } = config;
    await bench.manager.consumers.add('TICKETS', {
      ...kept,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: 100,
    });
  }
});
