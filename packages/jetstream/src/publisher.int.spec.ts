import { startNats, waitFor } from '@bellhop/local-stack';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import { Bench, small } from '../test/fixture.js';
import { type OutgoingMessage, PublishError, type PublishOutcome } from './index.js';

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.start();
});
afterEach(() => bench.reset());
afterAll(() => bench.stop());

const bytes = (text: string) => new TextEncoder().encode(text);
const message = (id: string, more: Partial<OutgoingMessage> = {}): OutgoingMessage => ({
  subject: 'tickets.v1.replied',
  id,
  data: bytes(id),
  ...more,
});
const many = (count: number, more: Partial<OutgoingMessage> = {}) =>
  Array.from({ length: count }, (_, n) => message(`e-${n}`, more));

function errorOf(outcome: PublishOutcome | undefined): PublishError {
  if (outcome?.ok === false && outcome.error instanceof PublishError) return outcome.error;
  throw new Error(`not a PublishError: ${JSON.stringify(outcome)}`);
}

async function connectedPublisher(timeoutMs?: number) {
  const link = bench.link();
  await link.connected();
  return { link, publisher: bench.publisher(link, timeoutMs) };
}

describe('JetStreamPublisher', () => {
  it('stores all, with id and headers, and returns outcomes in the order given', async () => {
    await bench.provision();
    const { publisher } = await connectedPublisher();
    const outcomes = await publisher.publish([
      message('a', { headers: { traceparent: 't', twice: ['1', '2'] } }),
      message('b'),
    ]);
    expect(outcomes).toEqual([
      { ok: true, stream: 'TICKETS', sequence: 1, isDuplicate: false },
      { ok: true, stream: 'TICKETS', sequence: 2, isDuplicate: false },
    ]);
    const stored = await bench.manager.streams.getMessage('TICKETS', { seq: 1 });
    expect(Object.fromEntries(stored?.header ?? [])).toEqual({
      'Nats-Msg-Id': ['a'],
      traceparent: ['t'],
      twice: ['1', '2'],
    });
    expect(await publisher.publish([])).toEqual([]);
  });

  it('stores the same id once and says which one was a duplicate', async () => {
    await bench.provision();
    const { publisher } = await connectedPublisher();
    const [first, second] = await publisher.publish([message('same'), message('same')]);
    expect(first).toMatchObject({ ok: true, isDuplicate: false });
    expect(second).toMatchObject({ ok: true, sequence: 1, isDuplicate: true });
    expect((await bench.manager.streams.info('TICKETS')).state.messages).toBe(1);
  });

  it('keeps the order and loses none of many that are published at once, in several calls', async () => {
    await bench.provision();
    const { publisher } = await connectedPublisher();
    const calls = await Promise.all(
      [0, 1, 2].map((call) =>
        publisher.publish(Array.from({ length: 5_000 }, (_, n) => message(`${call}-${n}`, { data: bytes('x') }))),
      ),
    );
    for (const outcomes of calls) {
      const sequences = outcomes.map((outcome) => (outcome.ok ? outcome.sequence : 0));
      expect(sequences.every((sequence, n) => n === 0 || sequence > (sequences[n - 1] as number))).toBe(true);
    }
    expect((await bench.manager.streams.info('TICKETS')).state.messages).toBe(15_000);
  });

  it('says at once that no stream takes a subject, and stores the others of the call', async () => {
    await bench.provision();
    const { publisher } = await connectedPublisher();
    const outcomes = await publisher.publish([message('a'), message('b', { subject: 'nowhere.at.all' }), message('c')]);
    expect(outcomes.map((outcome) => outcome.ok)).toEqual([true, false, true]);
    expect(errorOf(outcomes[1])).toMatchObject({
      code: 'no_stream',
      message:
        'no stream takes nowhere.at.all now: it has no leader for a moment, or was never made (then run `npm run provision`)',
    });
  });

  it('says that a stream is full', async () => {
    await bench.provision({ streams: [{ ...small('TICKETS'), maxBytes: 1_024 }], consumers: [] });
    const { publisher } = await connectedPublisher();
    const outcomes = await publisher.publish(many(20, { data: new Uint8Array(200) }));
    expect(outcomes[0]?.ok).toBe(true);
    const error = errorOf(outcomes.at(-1));
    expect(error).toMatchObject({ code: 'stream_full', serverCode: 10_077 });
    expect(error.message).toContain('the stream of tickets.v1.replied is full (maximum bytes exceeded)');
  });

  it('says that the server has no room left for any event', async () => {
    const server = await startNats({ configuration: 'jetstream { max_file_store: 1MB }' });
    bench.after(() => server.stop());
    const link = bench.link(server.url);
    const manager = await jetstreamManager(await link.connected());
    await manager.streams.add({ name: 'TICKETS', subjects: ['tickets.v1.>'] });
    const publisher = bench.publisher(link);
    await publisher.publish(many(30, { data: new Uint8Array(50_000) }));
    const error = errorOf((await publisher.publish([message('z')]))[0]);
    expect(error).toMatchObject({ code: 'refused', serverCode: 10_023 });
    expect(error.message).toMatch(/^NATS has no room left for any event, .*free its disk, or give JetStream more/);
  });

  it("says that a message is larger than the server's or the stream's limit", async () => {
    await bench.manager.streams.add({ name: 'TINY', subjects: ['tiny.>'], max_msg_size: 100 });
    const { publisher } = await connectedPublisher();
    const [server, stream] = await publisher.publish([
      message('a', { data: new Uint8Array(2_000_000) }),
      message('b', { subject: 'tiny.x', data: new Uint8Array(200) }),
    ]);
    expect(errorOf(server)).toMatchObject({
      code: 'too_large',
      message: expect.stringContaining('max_payload 1048576'),
    });
    expect(errorOf(stream)).toMatchObject({ code: 'too_large', serverCode: 10_054 });
  });

  it('refuses a message that cannot be sent, and only that', async () => {
    await bench.provision();
    const { publisher } = await connectedPublisher();
    const [forged, good] = await publisher.publish([message('a', { headers: { x: 'a\r\nb: c' } }), message('b')]);
    expect(errorOf(forged).code).toBe('refused');
    expect(good?.ok).toBe(true);
  });

  it('says at once that there is no connection', async () => {
    const publisher = bench.publisher(bench.link('nats://127.0.0.1:1'));
    const [outcome] = await publisher.publish([message('a')]);
    expect(errorOf(outcome).code).toBe('not_connected');
  });

  it('times out without a reply', async () => {
    // A subscriber receives the subject, and it is not JetStream.
    bench.admin.subscribe('silent', { callback: () => undefined });
    await bench.admin.flush();
    const { publisher } = await connectedPublisher(200);
    const before = performance.now();
    const [outcome] = await publisher.publish([message('a', { subject: 'silent' })]);
    expect(errorOf(outcome)).toMatchObject({
      code: 'no_answer',
      message: 'NATS did not answer within 200 ms; it may have stored silent: publish again, same id',
    });
    expect(performance.now() - before).toBeLessThan(1_000);
  });

  it('takes a reply that is not JSON for a refusal', async () => {
    bench.admin.subscribe('rude', { callback: (_, request) => void request.respond('no!') });
    await bench.admin.flush();
    const { publisher } = await connectedPublisher();
    const [outcome] = await publisher.publish([message('a', { subject: 'rude' })]);
    expect(errorOf(outcome).code).toBe('refused');
  });

  it('loses nothing that was acknowledged when the server is killed, and the same ids can be published again', async () => {
    await bench.provision();
    const { link, publisher } = await connectedPublisher();
    const sent: OutgoingMessage[] = [];
    const stored = new Map<string, number>();
    const codes = new Set<string>();
    const publishing = (async () => {
      while (codes.size === 0) {
        const call = Array.from({ length: 500 }, (_, n) => message(`e-${sent.length + n}`));
        sent.push(...call);
        for (const [n, outcome] of (await publisher.publish(call)).entries())
          if (outcome.ok) stored.set(call[n]?.id ?? '', outcome.sequence);
          else codes.add(errorOf(outcome).code);
      }
    })();
    await waitFor(() => stored.size > 2_000);
    await bench.down('kill');
    await publishing;
    expect([...codes].filter((code) => code !== 'no_answer' && code !== 'not_connected')).toEqual([]);
    await bench.resume();
    await link.connected();
    const again = await publisher.publish(sent);
    expect(again.every((outcome) => outcome.ok)).toBe(true);
    expect((await bench.manager.streams.info('TICKETS')).state.messages).toBe(sent.length);
    for (const [n, outcome] of again.entries()) {
      const sequence = stored.get(sent[n]?.id ?? '');
      if (sequence) expect(outcome).toMatchObject({ sequence, isDuplicate: true });
    }
  });

  it('fails messages in flight when it is closed', async () => {
    bench.admin.subscribe('silent', { callback: () => undefined });
    await bench.admin.flush();
    const { publisher } = await connectedPublisher();
    const publishing = publisher.publish([message('a', { subject: 'silent' })]);
    publisher.close();
    expect(errorOf((await publishing)[0]).code).toBe('no_answer');
    expect(errorOf((await publisher.publish([message('b')]))[0]).code).toBe('not_connected');
  });
});
