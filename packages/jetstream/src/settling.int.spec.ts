import { waitFor } from '@bellhop/local-stack';
import { TransientError } from '@bellhop/waiting';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { connect } from '@nats-io/transport-node';
import { Bench, handlerOf, small } from '../test/fixture.js';
import { InvalidEventError, MAX_FAILURES } from './index.js';

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.start();
});
beforeEach(async () => {
  await bench.provision();
});
afterEach(() => bench.reset());
afterAll(() => bench.stop());

const deadLetterCount = async () => (await bench.manager.streams.info('DEAD_LETTERS')).state.messages;

describe('a transient error', () => {
  it('never ends in a dead letter, however often it happens', async () => {
    let tries = 0;
    const { strategy } = await bench.consume([
      handlerOf('tickets.>', () => {
        if (++tries <= MAX_FAILURES * 3) throw new TransientError('a deadlock');
      }),
    ]);
    await bench.store('tickets.v1.replied', {});
    await bench.settled();
    expect(tries).toBe(MAX_FAILURES * 3 + 1);
    expect(strategy.counts).toEqual({ acked: 1, nakked: MAX_FAILURES * 3, deadLettered: 0 });
    expect(strategy.inFlight).toBe(0);
    expect(bench.log.lines.find(({ level }) => level === 'warn')).toMatchObject({
      message: 'transient error: event will be redelivered',
      subject: 'tickets.v1.replied',
      sequence: 1,
      error: new TransientError('a deadlock'),
    });
    expect(await deadLetterCount()).toBe(0);
  });

  it('comes again after our own delay, not at once', async () => {
    const at: number[] = [];
    await bench.consume(
      [
        handlerOf('tickets.>', () => {
          at.push(performance.now());
          if (at.length === 1) throw new TransientError('a deadlock');
        }),
      ],
      { retry: { firstMs: 600, maxMs: 600 } },
    );
    await bench.store('tickets.v1.replied', {});
    await bench.settled();
    expect((at[1] as number) - (at[0] as number)).toBeGreaterThanOrEqual(290);
  });

  it('stops pulling until the database is healthy, and then everything arrives', async () => {
    let isHealthy = true;
    let asked = 0;
    const done = new Set<number>();
    let calls = 0;
    await bench.consume(
      [
        handlerOf('tickets.>', ({ n }) => {
          calls++;
          if (!isHealthy) throw new TransientError('connection refused');
          done.add(n);
        }),
      ],
      {
        maxInFlight: 20,
        isHealthy: async () => {
          asked++;
          return isHealthy;
        },
      },
    );
    isHealthy = false;
    await bench.storeMany('tickets.v1.replied', 500);
    // Many probes later there were still no more calls than were in flight when it began.
    await waitFor(() => asked >= 6, { timeoutMs: 20_000 });
    expect(calls).toBeLessThanOrEqual(40);
    expect((await bench.consumerInfo()).num_waiting).toBe(0);
    isHealthy = true;
    await bench.settled();
    expect(done.size).toBe(500);
    expect(await deadLetterCount()).toBe(0);
    expect(bench.log.lines).toContainEqual({
      level: 'warn',
      message: 'database unhealthy: consumers paused until it recovers',
      error: new TransientError('connection refused'),
      inFlight: expect.any(Number),
    });
    expect(bench.log.text()).toContain('database healthy again: consumers resumed');
  });
});

describe('an error that nobody foresaw', () => {
  it('is tried eight times and then becomes a dead letter, without holding up the others', async () => {
    const tries = new Map<number, number>();
    await bench.consume([
      handlerOf('tickets.>', ({ n }) => {
        tries.set(n, (tries.get(n) ?? 0) + 1);
        if (n === 1) throw new TypeError('x is undefined');
      }),
    ]);
    await bench.storeMany('tickets.v1.replied', 3);
    const [letter] = await bench.deadLetters(1);
    await bench.settled();
    expect([...tries.entries()].sort()).toEqual([
      [0, 1],
      [1, MAX_FAILURES],
      [2, 1],
    ]);
    expect(letter?.subject).toBe('dead_letters.notifications.bellhop.handler_failed');
    expect(letter?.header.get('Bellhop-Detail')).toBe(
      'the service failed 8 times on this event: TypeError: x is undefined',
    );
    expect(bench.log.lines.filter((line) => line.level === 'error')).toHaveLength(MAX_FAILURES);
  });

  it('does not count tries made while the database was unhealthy', async () => {
    let isHealthy = false;
    let [whileAway, whileThere] = [0, 0];
    await bench.consume(
      [
        handlerOf('tickets.>', () => {
          if (isHealthy) whileThere++;
          else whileAway++;
          // Not recognised as transient: some driver's way to say that it lost the connection.
          throw new Error('Cannot read properties of null');
        }),
      ],
      { isHealthy: async () => isHealthy },
    );
    await bench.store('tickets.v1.replied', {});
    await waitFor(() => whileAway >= 1);
    isHealthy = true;
    await bench.deadLetters(1);
    await bench.settled();
    expect(whileThere).toBe(MAX_FAILURES);
  });

  it('does not count transient errors in between, though the server counts all deliveries', async () => {
    const deliveries: number[] = [];
    await bench.consume([
      handlerOf('tickets.>', (_, context) => {
        deliveries.push(context.deliveryCount);
        if (context.deliveryCount % 2 === 1) throw new TransientError('a deadlock');
        throw new TypeError('a bug');
      }),
    ]);
    await bench.store('tickets.v1.replied', {});
    await bench.deadLetters(1);
    await bench.settled();
    expect(deliveries).toHaveLength(2 * MAX_FAILURES);
  });
});

describe('an invalid event', () => {
  it('becomes a dead letter at once, with reason and detail, one log line each, and the good ones around it arrive', async () => {
    const done: number[] = [];
    await bench.consume([
      handlerOf('tickets.>', ({ n }) => {
        if (n === 1) throw new InvalidEventError('clock_skew', 'time is 3 h ahead; at most 10 minutes are taken');
        done.push(n);
      }),
    ]);
    await bench.store('tickets.v1.replied', { n: 0 });
    await bench.store('tickets.v1.replied', { n: 1 });
    await bench.store('tickets.v1.replied', '{"n":2');
    await bench.store('tickets.v1.replied', new Uint8Array(262_145));
    await bench.store('tickets.v1.replied', { n: 4 });
    const letters = await bench.deadLetters(3);
    await bench.settled();
    expect(done).toEqual([0, 4]);
    const said = letters
      .map((letter) => [letter.header.get('Bellhop-Reason'), letter.header.get('Bellhop-Detail')])
      .sort();
    expect(said).toEqual([
      ['clock_skew', 'time is 3 h ahead; at most 10 minutes are taken'],
      ['invalid_json', 'the body is not JSON: line 1, column 7: expected , or }'],
      ['too_large', 'the event has 262145 bytes; at most 262144 are taken'],
    ]);
    expect(bench.log.lines.filter((line) => line.level === 'warn')).toHaveLength(3);
  });
});

describe('a dead letter', () => {
  it('has the original bytes and headers, where it came from, and an id that stores it once', async () => {
    await bench.consume([handlerOf('tickets.>', () => undefined)]);
    const body = Uint8Array.from([0x7b, 0xff, 0x00, 0x0d, 0x0a]);
    await bench.store('tickets.v1.replied', body, {
      traceparent: 'abc',
      'Nats-Msg-Id': 'e1',
      'Bellhop-Detail': 'forged',
    });
    const [letter] = await bench.deadLetters(1);
    expect(letter?.data).toEqual(body);
    const headers = Object.fromEntries(letter?.header ?? []);
    expect(headers).toEqual({
      'Nats-Msg-Id': ['TICKETS:1'],
      traceparent: ['abc'],
      'Bellhop-Reason': ['invalid_json'],
      'Bellhop-Detail': ['the body is not UTF-8'],
      'Bellhop-Stream': ['TICKETS'],
      'Bellhop-Sequence': ['1'],
      'Bellhop-Subject': ['tickets.v1.replied'],
      'Bellhop-Time': [expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)],
    });
    await bench.settled();
  });

  it('of an event just under the server’s max_payload is cut to fit, and says its true size', async () => {
    const size = (bench.admin.info?.max_payload ?? 0) - 20;
    await bench.consume([handlerOf('tickets.>', () => undefined)], { maxEventBytes: 2_000_000 });
    await bench.store('tickets.v1.replied', new Uint8Array(size).fill(0x78));
    const [letter] = await bench.deadLetters(1);
    expect(letter?.header.get('Bellhop-Truncated')).toBe(String(size));
    expect(letter?.data.length).toBeGreaterThan(size - 1_000);
    expect(letter?.data.length).toBeLessThan(size);
    await bench.settled();
  });

  it('carries the first 64 KiB of an event that is too large', async () => {
    await bench.consume([handlerOf('tickets.>', () => undefined)]);
    await bench.store('tickets.v1.replied', new Uint8Array(300_000).fill(0x78));
    const [letter] = await bench.deadLetters(1);
    expect(letter?.data).toEqual(new Uint8Array(65_536).fill(0x78));
    expect(letter?.header.get('Bellhop-Truncated')).toBe('300000');
  });

  it('of our own that cannot be stored keeps the original, says why, and is stored later', async () => {
    await bench.manager.streams.delete('DEAD_LETTERS');
    const { strategy } = await bench.consume([handlerOf('tickets.>', () => undefined)]);
    await bench.store('tickets.v1.replied', 'no json');
    await waitFor(() => strategy.degraded()?.startsWith('dead letters cannot be stored'));
    expect(strategy.degraded()).toContain('run `npm run provision`');
    await waitFor(async () => (await bench.consumerInfo()).num_redelivered > 0);
    await bench.provision();
    const [letter] = await bench.deadLetters(1);
    expect(letter?.header.get('Nats-Msg-Id')).toBe('TICKETS:1');
    await bench.settled();
    expect(await deadLetterCount()).toBe(1);
    expect(strategy.degraded()).toBeNull();
  });

  it('of our own waits while its stream is full, and the original with it', async () => {
    await bench.manager.streams.delete('DEAD_LETTERS');
    await bench.provision({ streams: [{ ...small('DEAD_LETTERS'), maxBytes: 400 }] });
    const { strategy } = await bench.consume([handlerOf('tickets.>', () => undefined)]);
    await bench.store('tickets.v1.replied', 'x'.repeat(1_000));
    await waitFor(() => strategy.degraded()?.includes('is full'));
    await bench.provision();
    await bench.deadLetters(1);
    await bench.settled();
  });
});

describe('headers that are none', () => {
  it('S12 do not stop an event', async () => {
    const headers: unknown[] = [];
    await bench.consume([handlerOf('tickets.>', (_, context) => headers.push(context.headers))]);
    // What a careless publisher writes to the socket; our own client would refuse to.
    const raw = await connect({ servers: bench.server.url });
    const block = Buffer.from('NATS/1.0\r\nbad name: 1\r\n: empty\r\n\r\n');
    const connection = raw as unknown as { protocol: { sendCommand(...parts: (string | Uint8Array)[]): void } };
    connection.protocol.sendCommand(
      `HPUB tickets.v1.replied ${block.length} ${block.length + 2}\r\n`,
      new Uint8Array(block),
      new TextEncoder().encode('{}\r\n'),
    );
    await raw.flush();
    await raw.close();
    await waitFor(() => headers.length === 1);
    await bench.settled();
    expect(headers).toEqual([{}]);
  });
});
