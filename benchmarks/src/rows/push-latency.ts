import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { buildEvent } from '@bellhop/contracts/testing';
import { seededRandom, waitFor } from '@bellhop/local-stack';
import { percentile } from '../report/figures.js';
import type { Context, Row } from '../row.js';
import { PushSink } from '../world/push-sink.js';
import { World } from '../world/world.js';

const PER_SECOND = 20;
const WARM_UP_SECONDS = 3;

export const pushLatency: Row = {
  name: 'push-latency',
  title: `an event is published → its push reaches the push service, ${PER_SECOND} a second, no digest window`,
  async run({ isQuick, progress }: Context) {
    const count = PER_SECOND * (isQuick ? 3 : 20);
    const sink = await PushSink.start();
    const world = await World.start({ apps: ['notifications'], env: { ...sink.settings, PUSH_QUIET_SECONDS: '0' } });
    const people = Array.from({ length: WARM_UP_SECONDS * PER_SECOND + count }, () => `p-${randomUUID()}`);
    try {
      await sink.register(world, people);
      await timeAll(world, sink, people.slice(count));
      const { sinceMs, latestMs } = await timeAll(world, sink, people.slice(0, count));
      progress(`${sinceMs.length} pushes`);
      return {
        unit: 'ms',
        figures: [
          { what: 'p50', runs: [percentile(sinceMs, 0.5)] },
          { what: 'p99', runs: [percentile(sinceMs, 0.99)] },
          { what: 'longest', runs: [Math.max(...sinceMs)] },
        ],
        notes: [
          `Pushes: open loop, events are published at random moments whatever happens to earlier ones (the latest ${latestMs.toFixed(0)} ms after its moment). From right before it is published until the headers of its push have been read.`,
        ],
      };
    } finally {
      await world.stop();
      await sink.stop();
    }
  },
};

/** One event for each person, each with one device. */
async function timeAll(world: World, sink: PushSink, people: readonly string[]) {
  const random = seededRandom(7);
  const publishedAt = new Map<string, number>();
  const publishing: Promise<void>[] = [];
  let latestMs = 0;
  let dueAt = performance.now();
  for (const person of people) {
    // Poisson arrivals: independent of each other.
    dueAt += (-Math.log(1 - random()) * 1_000) / PER_SECOND;
    await pause(Math.max(0, dueAt - performance.now()));
    latestMs = Math.max(latestMs, performance.now() - dueAt);
    const requester = { kind: 'user' as const, id: person, email: `${person}@example.test` };
    const event = buildEvent('ticket.replied.v1', { ticket: { id: randomUUID(), version: 2 }, requester });
    publishedAt.set(`/${person}`, Date.now());
    publishing.push(world.publishEvents([event]));
  }
  await Promise.all(publishing);
  const arrivals: (readonly [string, number])[] = [];
  const haveCome = async () => {
    arrivals.push(...(await sink.take()));
    return arrivals.length >= people.length;
  };
  await waitFor(haveCome, { timeoutMs: 60_000, what: 'all pushes' });
  return { sinceMs: arrivals.map(([path, at]) => at - (publishedAt.get(path) ?? Number.NaN)), latestMs };
}
