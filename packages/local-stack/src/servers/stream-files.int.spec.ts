import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { waitFor } from '../wait-for.js';
import { type NatsServer, startNats } from './nats.js';
import { restoreStream, snapshotStream } from './stream-files.js';

/** What the tests read of the server's answers. */
interface Info {
  created: string;
  state: { messages: number; last_seq: number };
  delivered: { stream_seq: number };
  num_ack_pending: number;
}

describe('the files of a stream', () => {
  let nats: NatsServer;
  let connection: NatsConnection;
  beforeAll(async () => {
    nats = await startNats();
    connection = await connect({ servers: nats.url, reconnectTimeWait: 50, maxReconnectAttempts: -1 });
  });
  afterAll(async () => {
    await connection.close();
    await nats.stop();
  });
  beforeEach(async () => {
    await ask('STREAM.DELETE.EVENTS').catch(() => undefined);
    await ask('STREAM.CREATE.EVENTS', { name: 'EVENTS', subjects: ['events.>'], storage: 'file', num_replicas: 1 });
    await ask('CONSUMER.DURABLE.CREATE.EVENTS.reader', {
      stream_name: 'EVENTS',
      config: { durable_name: 'reader', ack_policy: 'explicit', deliver_policy: 'all' },
    });
  });

  it('put back without the consumers, leave these as far as they were', async () => {
    await store(1, 10);
    await read(10);
    const snapshot = await whilePaused(() => snapshotStream(nats, 'EVENTS'));
    await store(11, 30);
    await read(20);
    // In good order, so that how far the consumer is gets written in any case.
    await nats.pause();
    const before = consumerFile();
    restoreStream(nats, snapshot, { keepConsumers: true });
    expect(consumerFile()).toEqual(before);
    expect(snapshot.files.get('obs/reader/o.dat')).not.toEqual(before);
    await nats.resume();
    const { messages, last, delivered } = await state();
    expect([messages, last]).toEqual([10, 10]);
    // nats-server 2.14 notices while it starts and takes the consumer back; older ones leave it ahead.
    expect([10, 30]).toContain(delivered);

    function consumerFile(): Buffer | undefined {
      return snapshotStream(nats, 'EVENTS').files.get('obs/reader/o.dat');
    }
  });

  it('put back as a whole, take the consumers back as well', async () => {
    await store(1, 10);
    await read(5);
    const snapshot = await whilePaused(() => snapshotStream(nats, 'EVENTS'));
    const { created } = await ask('STREAM.INFO.EVENTS');
    await store(11, 30);
    await read(25);
    await nats.kill();
    restoreStream(nats, snapshot, { keepConsumers: false });
    await nats.resume();
    expect(await state()).toEqual({ messages: 10, last: 10, delivered: 5 });
    expect((await ask('STREAM.INFO.EVENTS')).created).toBe(created);
  });

  it('can be copied from a running server: a beginning of what it has stored', async () => {
    let isDone = false;
    const storing = store(1, 2_000).finally(() => {
      isDone = true;
    });
    let snapshot = snapshotStream(nats, 'EVENTS');
    while (!isDone) {
      snapshot = snapshotStream(nats, 'EVENTS');
      await state();
    }
    await storing;
    await nats.kill();
    restoreStream(nats, snapshot, { keepConsumers: false });
    await nats.resume();
    const { messages, last } = await state();
    expect(messages).toBe(last);
    expect(last).toBeGreaterThan(0);
  });

  it('are looked for in every account, and missed by name', () => {
    expect(() => snapshotStream(nats, 'NOTHING')).toThrow('keeps no stream NOTHING');
  });

  async function ask(request: string, body?: unknown) {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    // While the server starts, JetStream does not answer yet.
    const answer = await waitFor(() =>
      connection.request(`$JS.API.${request}`, payload, { timeout: 1_000 }).catch(() => null),
    );
    const info = answer.json<Info & { error?: { description: string } }>();
    if (info.error) throw new Error(info.error.description);
    return info;
  }

  async function store(from: number, to: number): Promise<void> {
    const numbers = Array.from({ length: to - from + 1 }, (_, index) => String(from + index));
    await Promise.all(numbers.map((text) => connection.request('events.one', text, { timeout: 5_000 })));
  }

  /** Takes the next messages and acknowledges them. */
  async function read(count: number): Promise<void> {
    const inbox = connection.subscribe('reading');
    connection.publish('$JS.API.CONSUMER.MSG.NEXT.EVENTS.reader', JSON.stringify({ batch: count }), {
      reply: 'reading',
    });
    let left = count;
    for await (const message of inbox) {
      message.respond('+ACK');
      if (--left === 0) break;
    }
    await connection.flush();
    await waitFor(async () => (await ask('CONSUMER.INFO.EVENTS.reader')).num_ack_pending === 0);
  }

  async function whilePaused<T>(copy: () => T): Promise<T> {
    await nats.pause();
    try {
      return copy();
    } finally {
      await nats.resume();
      await state();
    }
  }

  async function state() {
    const { state } = await ask('STREAM.INFO.EVENTS');
    const { delivered } = await ask('CONSUMER.INFO.EVENTS.reader');
    return { messages: state.messages, last: state.last_seq, delivered: delivered.stream_seq };
  }
});
