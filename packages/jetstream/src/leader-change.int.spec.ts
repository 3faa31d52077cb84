import { streams } from '@bellhop/contracts/streams';
import { type NatsCluster, startNatsCluster, waitFor } from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import { Recorder } from '../test/fixture.js';
import { CircuitBreaker } from './circuit-breaker.js';
import { JetStreamPublisher, NatsLink, type PublishError, provisionJetStream } from './index.js';
import { StreamConsumer } from './stream-consumer.js';

const MIB = 1024 * 1024;
/** An election takes the servers 4 to 9 s; what comes on top is ours. */
const LONGEST_GAP_MS = 15_000;

let cluster: NatsCluster;
let link: NatsLink;
let publisher: JetStreamPublisher;

beforeAll(async () => {
  cluster = await startNatsCluster();
  link = new NatsLink({ url: cluster.urlFor('notifications'), name: 'notifications', log: () => undefined });
  link.start();
  publisher = new JetStreamPublisher({ link });
  await provisionJetStream(await link.connected(), {
    streams: [{ ...streams.TICKETS, maxBytes: 64 * MIB }],
    consumers: [{ stream: 'TICKETS', service: 'notifications' }],
    replicas: 3,
    apply: true,
  });
});
afterAll(async () => {
  publisher?.close();
  await link?.close();
  await cluster?.stop();
});

const message = (id: string) => ({ subject: 'tickets.v1.replied', id, data: Buffer.from(id) });

describe('a stream with three copies', () => {
  it('stores once what is sent twice at once, and says of neither that it is lost', async () => {
    const ids = Array.from({ length: 200 }, (_, n) => `twice-${n}`);
    const before = await countStored();
    const outcomes = await publisher.publish(ids.flatMap((id) => [message(id), message(id)]));
    expect(await countStored()).toBe(before + ids.length);
    const others = outcomes.flatMap((outcome) => (outcome.ok ? [] : [(outcome.error as PublishError).code]));
    // The second one may come while the first is being copied. Then its fate is not known yet.
    expect(others.filter((code) => code !== 'no_answer')).toEqual([]);
    await publishPatiently(ids);
    expect(await countStored()).toBe(before + ids.length);
  });

  it('whose leader is killed takes the same ids again, loses none, and what it holds is consumed', async () => {
    const heard = new Set<string>();
    const log = new Recorder();
    const breaker = new CircuitBreaker({
      isHealthy: async () => true,
      onOpen: () => undefined,
      onClose: () => undefined,
    });
    const consumer = new StreamConsumer({
      ...{ link, breaker, log, stream: 'TICKETS', consumer: 'notifications', maxInFlight: 50 },
      handle: async ({ data }) => {
        heard.add(Buffer.from(data).toString());
        return (latest) => latest.ack();
      },
    });
    consumer.start();
    const before = await countStored();
    const ids = Array.from({ length: 1_000 }, (_, n) => `kill-${n}`);
    await publishPatiently(ids.slice(0, 500));
    const leader = await cluster.leaderOf('TICKETS');
    const killed = cluster.kill(leader);
    // Some of them are on their way while it dies, the rest meet a stream without a leader.
    const publishing = publishPatiently(ids.slice(500));
    await killed;
    const diedAtMs = performance.now();
    const codes = await publishing;
    expect(performance.now() - diedAtMs).toBeLessThan(LONGEST_GAP_MS);
    expect([...codes].filter((code) => !['no_stream', 'no_answer', 'not_connected'].includes(code))).toEqual([]);
    await waitFor(() => ids.every((id) => heard.has(id)), { timeoutMs: LONGEST_GAP_MS, what: 'all to be heard' });
    expect(await countStored()).toBe(before + ids.length);
    await consumer.drain();
    await cluster.resume(leader);
  });
});

async function countStored(): Promise<number> {
  const manager = await jetstreamManager(await link.connected(), { checkAPI: false });
  return (await waitFor(() => manager.streams.info('TICKETS'))).state.messages;
}

/** Publishes again, under the same id, until each is acknowledged. @returns the reasons why not at once */
async function publishPatiently(ids: readonly string[]): Promise<Set<string>> {
  const codes = new Set<string>();
  let left = [...ids];
  await waitFor(
    async () => {
      const outcomes = await publisher.publish(left.map(message));
      for (const outcome of outcomes) if (!outcome.ok) codes.add((outcome.error as PublishError).code);
      left = left.filter((_, place) => !outcomes[place]?.ok);
      return left.length === 0;
    },
    { timeoutMs: 60_000, what: 'all to be acknowledged' },
  );
  return codes;
}
