import { streams } from '@bellhop/contracts/streams';
import { startNats, waitFor } from '@bellhop/local-stack';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Bench } from '../test/fixture.js';
import { NatsLink, provisionJetStream, StreamInspector, StreamTrimmer } from './index.js';

const MIB = 1024 * 1024;
const SUBJECT = 'inbound.crm.tickets.v1.replied';
/** A hundred of them fill the stream. */
const LARGE = 'x'.repeat(10_300);

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.start();
});
afterAll(() => bench.stop());
beforeEach(async () => {
  await bench.provision({
    streams: [{ ...streams.INBOUND, maxBytes: MIB }],
    consumers: [{ stream: 'INBOUND', service: 'notifications' }],
  });
});
afterEach(() => bench.reset());

async function store(count: number): Promise<void> {
  for (let n = 0; n < count; n++) await bench.store(SUBJECT, LARGE);
}

/** Takes the next ones; all but the last `unanswered` are acknowledged. */
async function handle(count: number, unanswered = 0): Promise<void> {
  if (count === 0) return;
  const consumer = await bench.manager.jetstream().consumers.get('INBOUND', 'notifications');
  let taken = 0;
  for await (const message of await consumer.fetch({ max_messages: count }))
    if (++taken <= count - unanswered) await message.ackAck();
}

const state = async () => (await bench.manager.streams.info('INBOUND')).state;

async function trim(): Promise<number> {
  const link = bench.link();
  await link.connected();
  return new StreamInspector(link).trim('INBOUND', 'notifications');
}

describe('S39 what was handled counts against nobody', () => {
  it('S39 it goes when the stream fills up, up to the first event that waits; what waits stays', async () => {
    await store(80);
    await handle(60, 10);
    expect(await trim()).toBeCloseTo(0.3, 1);
    expect(await state()).toMatchObject({ first_seq: 51, last_seq: 80, messages: 30 });
  });

  it.each([
    ['a stream that is less than half full', 40, 40],
    ['a stream of which nothing is handled', 80, 0],
    ['a stream of which a few are handled, for which rewriting a block is too much', 80, 5],
  ])('nothing is removed from %s', async (_, stored, handled) => {
    await store(stored);
    await handle(handled);
    expect(await trim()).toBeCloseTo(stored / 100, 1);
    expect(await state()).toMatchObject({ first_seq: 1, messages: stored });
  });

  it('nothing is removed while the consumer is ahead of a stream that has lost its end: the next events are not handled', async () => {
    await store(80);
    await handle(80);
    await bench.manager.streams.purge('INBOUND');
    await bench.manager.streams.delete('INBOUND');
    await bench.provision({
      streams: [{ ...streams.INBOUND, maxBytes: MIB }],
      consumers: [{ stream: 'INBOUND', service: 'notifications' }],
    });
    await store(60);
    await bench.manager.consumers.delete('INBOUND', 'notifications');
    await bench.manager.consumers.add('INBOUND', {
      durable_name: 'notifications',
      ack_policy: 'explicit',
      deliver_policy: 'by_start_sequence',
      opt_start_seq: 81,
    });
    expect((await bench.consumerInfo('INBOUND')).delivered.stream_seq).toBe(80);
    expect(await trim()).toBeCloseTo(0.6, 1);
    expect(await state()).toMatchObject({ messages: 60 });
  });

  it('S39 a publisher who was refused is taken again as soon as the backlog is handled, and says meanwhile why not', async () => {
    const trimmer = new StreamTrimmer({
      link: bench.link(),
      service: 'notifications',
      streams: ['INBOUND'],
      log: bench.log,
      trimEveryMs: 20,
    });
    bench.after(() => trimmer.stop());
    trimmer.start();
    const link = bench.link();
    await link.connected();
    const publisher = bench.publisher(link);
    const publish = async () =>
      (await publisher.publish([{ subject: SUBJECT, id: crypto.randomUUID(), data: Buffer.from(LARGE) }]))[0];
    let stored = 0;
    while ((await publish())?.ok) stored++;
    await waitFor(() => trimmer.problem());
    expect(trimmer.problem()).toMatch(
      /^stream INBOUND is 9\d % full of events that wait: NATS will refuse more from those/,
    );
    expect(trimmer.fill.get('INBOUND')).toBeGreaterThan(0.9);
    expect(await publish()).toMatchObject({ ok: false, error: { code: 'stream_full' } });
    await handle(stored);
    await waitFor(async () => (await publish())?.ok);
    await waitFor(() => trimmer.problem() === null);
    expect(bench.log.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
  });

  it('reports nothing about a stream that is missing, and trims the others', async () => {
    const trimmer = new StreamTrimmer({
      link: bench.link(),
      service: 'notifications',
      streams: ['INBOUND_2', 'INBOUND'],
      log: bench.log,
      trimEveryMs: 20,
    });
    bench.after(() => trimmer.stop());
    trimmer.start();
    await waitFor(() => trimmer.fill.has('INBOUND'));
    expect(trimmer.problem()).toBeNull();
  });
});

describe('S36 the rights', () => {
  it('S36 are enough for the owner of INBOUND on each of its streams; without them the sentence names the one that is missing', async () => {
    const server = await startNats({ accounts: true });
    const links = (['provisioner', 'notifications', 'tickets'] as const).map((user) => {
      const link = new NatsLink({ url: server.urlFor(user), name: user, log: () => undefined });
      link.start();
      return link;
    });
    const names = ['INBOUND', 'INBOUND_2', 'INBOUND_3', 'INBOUND_4', 'INBOUND_5'] as const;
    try {
      const [provisioner, owner, other] = await Promise.all(links.map((link) => link.connected()));
      await provisionJetStream(provisioner as never, {
        streams: names.map((name) => ({ ...streams[name], maxBytes: MIB })),
        consumers: names.map((stream) => ({ stream, service: 'notifications' as const })),
        replicas: 1,
        apply: true,
      });
      for (const name of names)
        expect((await owner?.request(`$JS.API.STREAM.PURGE.${name}`, '{"seq":1}'))?.json()).toMatchObject({
          success: true,
        });
      expect(other).toBeDefined();
      const trimmer = new StreamTrimmer({
        link: links[2] as NatsLink,
        service: 'notifications',
        streams: ['INBOUND_2'],
        log: bench.log,
      });
      trimmer.start();
      await waitFor(() => trimmer.problem());
      expect(trimmer.problem()).toMatch(/stream INBOUND_2 cannot be trimmed: .*STREAM\.INFO\.INBOUND_2/);
      await trimmer.stop();
    } finally {
      await Promise.all(links.map((link) => link.close()));
      await server.stop();
    }
  });
});
