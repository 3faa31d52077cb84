import { type ClientRequest, get, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '@bellhop/local-stack';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type FastifyInstance, type FastifyReply, fastify } from 'fastify';
import { EventStreams, type EventStreamsOptions } from './event-streams.js';
import { eventFrame } from './frames.js';

const LATER = Number.MAX_SAFE_INTEGER;
const hint = (rev: number, data: object = { rev }) => ({ rev, frame: eventFrame('news', rev, data) });
const RETRY = 'retry: 2000\n\n';

let server: FastifyInstance;
let streams: EventStreams;
/** What a route does before it opens a stream: as long as it takes to look at a token. */
let beforeOpen: () => Promise<void>;
/** The first hint of a new stream. */
let present: number | null;
let endsAt: number;
const responses: ServerResponse[] = [];
/** Listeners that others had on a response before there was a stream. */
const listenersBefore = new WeakMap<ServerResponse, number>();
const clients: { destroy(): unknown }[] = [];

async function serve(options: Partial<EventStreamsOptions> = {}): Promise<void> {
  streams = new EventStreams({ tickMs: 10, retrySpreadMs: 0, ...options });
  server = fastify({ forceCloseConnections: true });
  server.get('/:key', async (request, reply: FastifyReply) => {
    responses.push(reply.raw);
    listenersBefore.set(reply.raw, listenersOf(reply.raw));
    await beforeOpen();
    const { person } = request.query as { person?: string };
    const stream = streams.open((request.params as { key: string }).key, reply, endsAt, person);
    if (present !== null) stream?.send(hint(present));
    return reply;
  });
  await server.listen({ port: 0, host: '127.0.0.1' });
}
const listenersOf = (response: ServerResponse) =>
  ['drain', 'close', 'error'].reduce((sum, name) => sum + response.listenerCount(name), 0);
const port = () => (server.server.address() as AddressInfo).port;

beforeEach(() => {
  beforeOpen = async () => undefined;
  present = 1;
  endsAt = LATER;
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await streams.close();
  await server.close();
  responses.length = 0;
});

interface Reader {
  readonly request: ClientRequest;
  readonly response: IncomingMessage;
  text: string;
  isEnded: boolean;
}

function read(key = 'ada', headers: Record<string, string> = {}): Promise<Reader> {
  return new Promise((resolve, reject) => {
    const request = get({ port: port(), path: `/${key}`, headers, agent: false }, (response) => {
      const reader = { request, response, text: '', isEnded: false };
      response.setEncoding('utf8').on('data', (text: string) => {
        reader.text += text;
      });
      response.on('end', () => {
        reader.isEnded = true;
      });
      response.on('error', () => undefined);
      resolve(reader);
    });
    request.on('error', reject);
    clients.push(request);
  });
}
const until = (reader: Reader, text: string) =>
  waitFor(() => reader.text === text, { what: `${JSON.stringify(text)}, not ${JSON.stringify(reader.text)}` });

/** A client that asks and then reads nothing. */
function deafClient(key = 'ada'): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port(), '127.0.0.1', () => {
      socket.pause().write(`GET /${key} HTTP/1.1\r\nhost: a\r\n\r\n`, () => resolve(socket));
    });
    socket.on('error', reject);
    clients.push(socket);
  });
}

describe('a stream', () => {
  it('begins with the present state, after each connection, and no proxy keeps it', async () => {
    await serve();
    const first = await read();
    await until(first, `${RETRY}event: news\nid: 1\ndata: {"rev":1}\n\n`);
    expect(first.response.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    });
    first.request.destroy();
    present = 4;
    await until(await read('ada', { 'last-event-id': '1' }), `${RETRY}${hint(4).frame}`);
  });

  it('says that nothing is new to a reader that has the present state', async () => {
    await serve();
    const reader = await read('ada', { 'last-event-id': '1' });
    await until(reader, `${RETRY}: nothing new\n\n`);
    streams.send('ada', hint(2));
    await until(reader, `${RETRY}: nothing new\n\n${hint(2).frame}`);
  });

  it.each(['', 'x', '-1', '1e3', '9'.repeat(30), '0'])(
    'sends the state to a reader that says it has %p',
    async (id) => {
      await serve();
      await until(await read('ada', { 'last-event-id': id }), `${RETRY}${hint(1).frame}`);
    },
  );

  it('answers the question for its headers, and ends', async () => {
    await serve();
    const reply = await fetch(`http://127.0.0.1:${port()}/ada`, { method: 'HEAD' });
    expect(reply.headers.get('content-type')).toContain('text/event-stream');
    expect(streams.size).toBe(0);
  });

  it('gets what is newer than it has, and nothing of another', async () => {
    await serve();
    const [ada, jana] = await Promise.all([read('ada'), read('jana')]);
    await Promise.all([until(ada, RETRY + hint(1).frame), until(jana, RETRY + hint(1).frame)]);
    for (const rev of [3, 2, 3, 5]) streams.send('ada', hint(rev));
    for (const key of ['*', '>', '%', 'a', '']) streams.send(key, hint(9));
    await until(ada, RETRY + hint(1).frame + hint(3).frame + hint(5).frame);
    expect(jana.text).toBe(RETRY + hint(1).frame);
    expect([streams.revOf('ada'), streams.revOf('jana'), streams.revOf('nobody')]).toEqual([5, 1, null]);
    expect(streams.keys.sort()).toEqual(['ada', 'jana']);
  });

  it('is kept alive by comments while it is quiet', async () => {
    await serve({ heartbeatMs: 30 });
    const reader = await read();
    await waitFor(() => reader.text.endsWith(':\n\n:\n\n'));
    expect(reader.text.replace(/^:\n\n/gm, '')).toBe(RETRY + hint(1).frame);
  });

  it('ends when the right to read it ends', async () => {
    await serve();
    endsAt = Date.now() + 100;
    const reader = await read();
    await until(reader, RETRY + hint(1).frame);
    await waitFor(() => reader.isEnded, { timeoutMs: 2_000 });
    expect(Date.now()).toBeGreaterThanOrEqual(endsAt);
    expect(streams.keys).toEqual([]);
  });

  it('is one of five for each person, whatever they are about', async () => {
    await serve();
    const [first, ...others] = await Promise.all(['a?person=ada', 'a?person=jan'].map((key) => read(key)));
    for (const key of ['b', 'c', 'd', 'e', 'f']) others.push(await read(`${key}?person=ada`));
    await waitFor(() => first?.isEnded);
    streams.send('a', hint(2));
    await waitFor(() => others[0]?.text.endsWith(hint(2).frame));
    expect(others.filter(({ isEnded }) => isEnded)).toEqual([]);
  });

  it('takes nothing more once it has ended', async () => {
    await serve();
    const reader = await read();
    await until(reader, RETRY + hint(1).frame);
    const [stream] = streams.of('ada');
    reader.request.destroy();
    await waitFor(() => streams.size === 0);
    stream?.send(hint(2));
    expect(stream?.rev).toBe(1);
  });

  it('is one of five for each key: the oldest ends, and is told to wait', async () => {
    await serve();
    const readers: Reader[] = [];
    for (let index = 0; index < 6; index++) {
      const reader = await read();
      await until(reader, RETRY + hint(1).frame);
      readers.push(reader);
    }
    const other = await read('jana');
    await waitFor(() => readers[0]?.isEnded);
    expect(readers[0]?.text).toBe(`${RETRY}${hint(1).frame}retry: 60000\n\n`);
    streams.send('ada', hint(2));
    for (const reader of readers.slice(1)) await until(reader, RETRY + hint(1).frame + hint(2).frame);
    expect(other.isEnded).toBe(false);
  });
});

/** What a deaf client hears from now on, and what has waited for it. */
function listen(socket: Socket): () => string {
  let text = '';
  socket.setEncoding('latin1').on('data', (part: string) => {
    text += part;
  });
  socket.resume();
  return () => text;
}

const large = (rev: number) => hint(rev, { filling: 'x'.repeat(1024 * 1024) });

/** Sends large hints until the kernel takes no more, and one more. @returns its `rev` */
async function clog(key: string, response: ServerResponse): Promise<number> {
  let rev = 2;
  for (; !response.writableNeedDrain; rev++) {
    streams.send(key, large(rev));
    await sleep(20);
  }
  streams.send(key, large(rev));
  return rev;
}

describe('a reader that does not read', () => {
  it('has one hint waiting at most, the newest, and gets it once it reads', async () => {
    await serve();
    const socket = await deafClient();
    await waitFor(() => streams.size === 1);
    const response = responses[0] as ServerResponse;
    const rev = await clog('ada', response);
    for (let more = 1; more <= 20; more++) streams.send('ada', large(rev + more));
    // Of all that the kernel does not take, this process keeps one that is being written and one that waits.
    expect(response.writableLength).toBeLessThan(2 * 1024 * 1024);
    const newest = hint(rev + 50);
    streams.send('ada', newest);
    const text = listen(socket);
    await waitFor(() => text().includes(newest.frame));
    const revs = [...text().matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
    expect(revs.slice(-2)).toEqual([rev - 1, rev + 50]);
    streams.send('ada', hint(rev + 51));
    await waitFor(() => text().includes(hint(rev + 51).frame));
  });

  it('gets the whole state once it reads, where a hint was only about a part', async () => {
    await serve();
    const socket = await deafClient();
    await waitFor(() => streams.size === 1);
    const rev = await clog('ada', responses[0] as ServerResponse);
    const part = (at: number) => ({ ...hint(at, { part: at }), whole: eventFrame('news', at, { whole: at }) });
    for (const more of [1, 2, 3]) streams.send('ada', part(rev + more));
    const text = listen(socket);
    await waitFor(() => text().includes(part(rev + 3).whole));
    streams.send('ada', part(rev + 4));
    await waitFor(() => text().includes(part(rev + 4).frame));
    expect(text()).not.toContain(part(rev + 3).frame);
  });

  it('is cut after a while', async () => {
    await serve({ undrainedMs: 100 });
    await deafClient();
    await waitFor(() => streams.size === 1);
    await clog('ada', responses[0] as ServerResponse);
    await waitFor(() => streams.size === 0, { timeoutMs: 2_000 });
    expect(responses[0]?.destroyed).toBe(true);
  });
});

describe('F4 clients that die', () => {
  it('F4 1,000 connect and die at once, some before they get headers: no stream and no listener is left after a second', async () => {
    await serve();
    let looks = 0;
    beforeOpen = () => sleep(++looks % 2 === 0 ? 20 : 0);
    for (let round = 0; round < 10; round++) {
      const sockets = await Promise.all(Array.from({ length: 100 }, (_, index) => deafClient(`p${index}`)));
      // Some die while the token is looked at, some when their first frame is under way.
      for (const socket of sockets) socket.destroy();
    }
    await sleep(1_000);
    expect(streams.size).toBe(0);
    expect(streams.keys).toEqual([]);
    expect(responses.length).toBeGreaterThan(0);
    const added = responses.map((response) => listenersOf(response) - (listenersBefore.get(response) ?? 0));
    expect(Math.max(...added)).toBe(0);
    streams.send('p1', hint(2));
  });

  it('ends a hundred streams at once when the process does, also of readers that do not read', async () => {
    await serve({ maxPerPerson: 100 });
    const readers = await Promise.all(Array.from({ length: 100 }, (_, index) => read(`p${index % 7}`)));
    const deaf = await deafClient('deaf');
    await waitFor(() => streams.size === 101);
    await clog('deaf', responses.at(-1) as ServerResponse);
    const startedAt = performance.now();
    await streams.close();
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    await waitFor(() => readers.every(({ isEnded }) => isEnded) && streams.size === 0);
    deaf.destroy();
    await waitFor(async () => (await read('late')).isEnded);
  });
});
