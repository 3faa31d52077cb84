import { waitFor } from '@bellhop/local-stack';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Bench, handlerOf, small } from '../test/fixture.js';

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.start();
});
beforeEach(async () => {
  await bench.provision();
});
afterEach(() => bench.reset());
afterAll(() => bench.stop());

const CONSUMERS = [{ stream: 'TICKETS', service: 'notifications' }] as const;

describe('a consumer that is missing', () => {
  it('is named, with what to run, and used as soon as it was provisioned', async () => {
    await bench.manager.consumers.delete('TICKETS', 'notifications');
    const done: number[] = [];
    const { strategy } = await bench.consume([handlerOf('tickets.>', ({ n }) => done.push(n))]);
    const problem = 'consumer notifications on stream TICKETS is missing: run `npm run provision`';
    await waitFor(() => strategy.problem() === problem);
    await bench.store('tickets.v1.replied', { n: 1 });
    await bench.provision();
    await bench.settled();
    expect(done).toEqual([1]);
    expect(strategy.problem()).toBeNull();
    expect(bench.log.lines.filter((line) => line.message === problem)).toHaveLength(1);
  });

  it('is distinguished from a stream that is missing', async () => {
    await bench.manager.streams.delete('TICKETS');
    const { strategy } = await bench.consume([handlerOf('tickets.>', () => undefined)]);
    await waitFor(() => strategy.problem() === 'stream TICKETS is missing: run `npm run provision`');
  });

  it('and was deleted while we pulled from it is noticed at once, and used again when it is back', async () => {
    const done: number[] = [];
    const { strategy } = await bench.consume([handlerOf('tickets.>', ({ n }) => done.push(n))]);
    await bench.store('tickets.v1.replied', { n: 1 });
    await bench.settled();
    await bench.manager.consumers.delete('TICKETS', 'notifications');
    await waitFor(() => strategy.problem()?.includes('is missing'), { timeoutMs: 5_000 });
    await bench.provision();
    await bench.store('tickets.v1.replied', { n: 2 });
    await waitFor(() => done.includes(2));
    await bench.settled();
  });

  it('is never created or changed by the service itself', async () => {
    await bench.manager.consumers.update('TICKETS', 'notifications', { max_ack_pending: 77 });
    const before = (await bench.consumerInfo()).config;
    const { strategy } = await bench.consume([handlerOf('tickets.>', () => undefined)]);
    await waitFor(() => strategy.problem() === null);
    expect((await bench.consumerInfo()).config).toEqual(before);
  });

  it('that is of another kind is not used', async () => {
    await bench.manager.consumers.delete('TICKETS', 'notifications');
    await bench.manager.consumers.add('TICKETS', { durable_name: 'notifications', deliver_subject: 'pushed' });
    const { strategy } = await bench.consume([handlerOf('tickets.>', () => undefined)]);
    await waitFor(() => strategy.problem()?.includes('is not a pull consumer with explicit acks'));
  });

  it('that would drop an event after some deliveries is not used until it is repaired', async () => {
    await bench.manager.consumers.update('TICKETS', 'notifications', { max_deliver: 3 });
    let heard = 0;
    const { strategy } = await bench.consume([handlerOf('tickets.>', () => heard++)]);
    await waitFor(() =>
      strategy.problem()?.includes('gives up after 3 deliveries (max_deliver): run `npm run provision`'),
    );
    await bench.store('tickets.v1.replied', {});
    await bench.provision();
    await waitFor(() => heard === 1);
  });

  it('of one stream does not keep the service from the other', async () => {
    const done: string[] = [];
    const { strategy } = await bench.consume([handlerOf('>', (_, { subject }) => done.push(subject))], {
      streams: ['TICKETS', 'INBOUND'],
    });
    await bench.store('tickets.v1.replied', {});
    await waitFor(() => done.length === 1);
    expect(strategy.problem()).toContain('on stream INBOUND is missing');
    await bench.provision({ consumers: [...CONSUMERS, { stream: 'INBOUND', service: 'notifications' }] });
    await bench.store('inbound.crm.tickets.v1.replied', {});
    await bench.settled('INBOUND');
    expect(done).toEqual(['tickets.v1.replied', 'inbound.crm.tickets.v1.replied']);
  });
});

describe('a restart of the server', () => {
  it.each(['pause', 'kill'] as const)('by %s in mid-flow loses nothing, and the flow goes on', async (how) => {
    const done = new Set<number>();
    const { link } = await bench.consume(
      [
        handlerOf('tickets.>', async ({ n }) => {
          await new Promise((resolve) => setTimeout(resolve, 2));
          done.add(n);
        }),
      ],
      { maxInFlight: 50 },
    );
    await bench.storeMany('tickets.v1.replied', 3_000);
    await bench.setAckWait(2_000);
    await waitFor(() => done.size > 200);
    await bench.down(how);
    await waitFor(() => link.connection === null);
    await bench.resume();
    await waitFor(() => done.size === 3_000);
    await bench.settled();
    // Silence alone would be noticed many seconds later.
    expect(bench.log.text()).not.toContain('no heartbeat');
  });

  it('does not handle an event twice whose handler was at work meanwhile: its ack is sent afterwards', async () => {
    const { opened, open } = bench.gate();
    let calls = 0;
    const { link } = await bench.consume([
      handlerOf('tickets.>', async () => {
        calls++;
        await opened;
      }),
    ]);
    await bench.store('tickets.v1.replied', {});
    await waitFor(() => calls === 1);
    await bench.down('pause');
    await waitFor(() => link.connection === null);
    open();
    await bench.resume();
    await bench.settled();
    expect(calls).toBe(1);
  });

  it('or whatever else makes it deliver again what we still work on does not start the handler a second time', async () => {
    const { opened, open } = bench.gate();
    let calls = 0;
    await bench.consume([
      handlerOf('tickets.>', async () => {
        calls++;
        await opened;
      }),
    ]);
    await bench.store('tickets.v1.replied', {});
    await waitFor(() => calls === 1);
    // The first delivery of the first message, refused in our name.
    bench.admin.publish('$JS.ACK.TICKETS.notifications.1.1.1.0.0', '-NAK');
    await waitFor(async () => (await bench.consumerInfo()).delivered.consumer_seq === 2);
    await waitFor(async () => (await bench.consumerInfo()).num_waiting === 1);
    open();
    await bench.settled();
    expect(calls).toBe(1);
  });

  it('from before the service started is waited for', async () => {
    await bench.store('tickets.v1.replied', {});
    await bench.down('pause');
    let calls = 0;
    const { strategy } = await bench.consume([handlerOf('tickets.>', () => calls++)]);
    expect(strategy.problem()).toContain('is not bound yet');
    await bench.resume();
    await waitFor(() => calls === 1);
    await waitFor(() => strategy.problem() === null);
  });
});

describe('a connection that was closed for good', () => {
  it('is replaced by a new one, on which publishing and consuming go on', async () => {
    const done: number[] = [];
    const link = bench.link();
    const publisher = bench.publisher(link);
    const { strategy } = await bench.consume([handlerOf('tickets.>', ({ n }) => done.push(n))], { link, publisher });
    const publish = (n: number) =>
      publisher.publish([{ subject: 'tickets.v1.replied', id: `${n}`, data: Buffer.from(JSON.stringify({ n })) }]);
    await link.connected();
    await publish(1);
    await waitFor(() => done.length === 1);
    const old = link.connection;
    await old?.close();
    await waitFor(() => link.connection !== null && link.connection !== old);
    expect((await publish(2))[0]?.ok).toBe(true);
    await bench.settled();
    expect(done).toEqual([1, 2]);
    expect(strategy.problem()).toBeNull();
  });
});

describe('a stream that was deleted and created again', () => {
  it('is consumed from its beginning', async () => {
    const done: number[] = [];
    const { strategy } = await bench.consume([handlerOf('tickets.>', ({ n }) => done.push(n))]);
    await bench.store('tickets.v1.replied', { n: 1 });
    await bench.settled();
    await bench.manager.streams.delete('TICKETS');
    await waitFor(() => strategy.problem() === 'stream TICKETS is missing: run `npm run provision`');
    await bench.provision({ streams: [small('TICKETS')] });
    await bench.store('tickets.v1.replied', { n: 2 });
    await bench.settled();
    expect(done).toEqual([1, 2]);
  });
});
