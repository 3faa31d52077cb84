import { waitFor } from '@bellhop/local-stack';
import { pause } from '@bellhop/waiting';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Bench, handlerOf } from '../test/fixture.js';

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.start();
});
beforeEach(async () => {
  await bench.provision();
});
afterEach(() => bench.reset());
afterAll(() => bench.stop());

const unsettled = async () => {
  const info = await bench.consumerInfo();
  return info.num_ack_pending;
};

describe('the ack extension', () => {
  it('keeps the server from delivering again while a handler works for much longer than ack_wait', async () => {
    await bench.setAckWait(400);
    const { opened, open } = bench.gate();
    let calls = 0;
    await bench.consume([
      handlerOf('tickets.>', async () => {
        calls++;
        await opened;
      }),
    ]);
    await bench.storeMany('tickets.v1.replied', 100);
    await waitFor(() => calls === 100);
    await pause(1_600, new AbortController().signal);
    expect(calls).toBe(100);
    expect((await bench.consumerInfo()).num_redelivered).toBe(0);
    open();
    await bench.settled();
    expect(calls).toBe(100);
  });

  it('continues while pulling is stopped because the database is unhealthy', async () => {
    await bench.setAckWait(400);
    const { opened, open } = bench.gate();
    let isHealthy = true;
    const calls: number[] = [];
    await bench.consume(
      [
        handlerOf('tickets.>', async ({ n }) => {
          calls.push(n);
          if (n === 0) await opened;
          else if (!isHealthy) throw new Error('lost');
        }),
      ],
      { isHealthy: async () => isHealthy },
    );
    isHealthy = false;
    await bench.storeMany('tickets.v1.replied', 2);
    await waitFor(() => bench.log.text().includes('consumers paused'));
    await pause(1_200, new AbortController().signal);
    isHealthy = true;
    await waitFor(() => calls.filter((n) => n === 1).length > 1);
    open();
    await bench.settled();
    expect(calls.filter((n) => n === 0)).toHaveLength(1);
  });
});

describe('drain', () => {
  it('finishes 500 in flight, leaves nothing unsettled, and the rest to others', async () => {
    const { opened, open } = bench.gate();
    let [started, done] = [0, 0];
    const { strategy } = await bench.consume([
      handlerOf('tickets.>', async () => {
        started++;
        await opened;
        done++;
      }),
    ]);
    await bench.storeMany('tickets.v1.replied', 2_000);
    await waitFor(() => started === 500);
    let isDrained = false;
    const draining = strategy.drain().then(() => {
      isDrained = true;
    });
    await waitFor(async () => (await bench.consumerInfo()).num_waiting === 0);
    await pause(200, new AbortController().signal);
    expect(isDrained).toBe(false);
    open();
    await draining;
    expect({ started, done }).toEqual({ started: 500, done: 500 });
    await waitFor(async () => (await unsettled()) === 0);
    const info = await bench.consumerInfo();
    expect(info.ack_floor.stream_seq).toBe(500);
    expect(info.num_pending).toBe(1_500);
  });

  it('returns to the server at once what it had sent and we had not read', async () => {
    await bench.setAckWait(10_000);
    const done = new Map<number, number>();
    const count = handlerOf('tickets.>', ({ n }) => void done.set(n, (done.get(n) ?? 0) + 1));
    const { strategy } = await bench.consume([count]);
    await waitFor(async () => (await bench.consumerInfo()).num_waiting === 1);
    for (let n = 0; n < 100; n++) bench.admin.publish('tickets.v1.replied', JSON.stringify({ n }));
    // The client writes in a microtask. Then this thread reads nothing while the server delivers.
    await Promise.resolve();
    for (const until = performance.now() + 300; performance.now() < until; );
    await strategy.drain();
    expect(done.size).toBe(0);
    expect((await bench.consumerInfo()).num_redelivered).toBeGreaterThan(0);
    await bench.consume([count]);
    // nats-server 2.9 may give one of them to the request that it is about to forget: that one waits for ack_wait.
    await waitFor(() => done.size >= 99);
    await bench.settled();
    expect(done.size).toBe(100);
    expect([...done.values()].every((times) => times === 1)).toBe(true);
  });

  it('in full flow loses nothing, and another replica has the rest', async () => {
    const done = new Map<number, number>();
    const count = handlerOf('tickets.>', ({ n }) => void done.set(n, (done.get(n) ?? 0) + 1));
    const { strategy } = await bench.consume([count], { maxInFlight: 100 });
    await bench.storeMany('tickets.v1.replied', 5_000);
    await waitFor(() => done.size > 500);
    await strategy.drain();
    const atDrain = done.size;
    expect(atDrain).toBeLessThan(5_000);
    await bench.consume([count]);
    // Less than ack_wait, which is 30 s: nothing was left behind in the first one's hands.
    await waitFor(() => done.size === 5_000);
    await bench.settled();
    expect([...done.values()].every((times) => times === 1)).toBe(true);
  });

  it('is over at once when NATS is unreachable, when nothing was ever bound, and when it was drained before', async () => {
    const { strategy, link } = await bench.consume([handlerOf('tickets.>', () => undefined)]);
    await waitFor(() => strategy.problem() === null);
    await bench.down('pause');
    await waitFor(() => link.connection === null);
    const before = performance.now();
    await Promise.all([strategy.drain(), strategy.drain()]);
    await strategy.close();
    const unbound = bench.link('nats://127.0.0.1:1');
    const { strategy: never } = await bench.consume([handlerOf('tickets.>', () => undefined)], { link: unbound });
    await never.drain();
    expect(performance.now() - before).toBeLessThan(2_000);
    await bench.resume();
  });

  it('is over at once while the consumer is still being looked up', async () => {
    const link = bench.link();
    await link.connected();
    const { strategy } = await bench.consume([handlerOf('tickets.>', () => undefined)], { link });
    expect(strategy.problem()).toContain('is not bound yet');
    await strategy.drain();
    expect((await bench.consumerInfo()).num_waiting).toBe(0);
  });

  it('does not wait for an unhealthy database', async () => {
    const { strategy } = await bench.consume(
      [
        handlerOf('tickets.>', () => {
          throw new Error('lost');
        }),
      ],
      { isHealthy: async () => false },
    );
    await bench.store('tickets.v1.replied', {});
    await waitFor(() => bench.log.text().includes('consumers paused'));
    const before = performance.now();
    await strategy.drain();
    expect(performance.now() - before).toBeLessThan(1_000);
  });
});

describe('two replicas', () => {
  it('share one consumer: every event goes to one of them', async () => {
    const done: [number[], number[]] = [[], []];
    const work = (mine: number[]) =>
      handlerOf('tickets.>', async ({ n }) => {
        mine.push(n);
        await new Promise((resolve) => setTimeout(resolve, 5));
      });
    await Promise.all(done.map((mine) => bench.consume([work(mine)], { maxInFlight: 20 })));
    await bench.storeMany('tickets.v1.replied', 1_000);
    await bench.settled();
    expect([...done[0], ...done[1]].sort((a, b) => a - b)).toEqual(Array.from({ length: 1_000 }, (_, n) => n));
    expect(Math.min(done[0].length, done[1].length)).toBeGreaterThan(100);
  });
});
