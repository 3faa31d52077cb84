import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { listen, mails, mailTo, ResendBench, send } from '../../../../test/resend-bench.js';

const bench = new ResendBench();
afterEach(() => void jest.restoreAllMocks());

describe('an answer that is lost', () => {
  const quick = { timeouts: { answerMs: 300 } };

  it.each(['drop', 'hang', 'garbage', 'truncate'] as const)(
    'after everything was accepted (%s) is unknown, and the same key then tells, with no second mail',
    async (answer) => {
      const over = bench.channel(quick);
      for (const [key, batch] of Object.entries({ 'key-1': [mailTo('jana@example.com')], 'key-3': mails(3) })) {
        await bench.server.when({ at: 'after', answer, key, times: 1 });
        const first = await over.send(batch, key);
        expect(new Set(first.map(({ kind }) => kind))).toEqual(new Set(['unknown']));
        const taken = (await bench.server.emails()).filter((email) => email.key === key);
        expect(taken).toHaveLength(batch.length);
        expect(await over.send(batch, key)).toEqual(taken.map(({ id }) => ({ kind: 'accepted', ref: id })));
      }
      expect(await bench.server.emails()).toHaveLength(4);
    },
  );

  const faults = [
    ['drop', { at: 'before', answer: 'drop' }, 'no_answer: connection_lost'],
    ['reset before it is read', { at: 'arrival', answer: 'drop' }, 'no_answer: connection_lost'],
    ['hang', { at: 'before', answer: 'hang' }, 'no_answer: timed_out'],
    ['truncate', { at: 'after', answer: 'truncate' }, 'no_answer: connection_lost'],
    ['garbage', { at: 'after', answer: 'garbage' }, 'unreadable_answer'],
    ['500', { at: 'before', answer: { status: 500 } }, 'server_error: 500 internal_server_error Told to answer so.'],
    ['503', { at: 'before', answer: { status: 503 } }, 'server_error: 503 internal_server_error Told to answer so.'],
  ] as const;
  it.each(faults)('%s says nothing of any mail', async (_, rule, cause) => {
    await bench.server.when(rule);
    const over = bench.channel(quick);
    expect(await send(over)).toEqual({ kind: 'unknown', cause });
    expect(await over.send(mails(2), 'key-2')).toEqual([
      { kind: 'unknown', cause },
      { kind: 'unknown', cause },
    ]);
  });

  it('is waited for no longer than its time limits, however slowly it comes', async () => {
    const listener = await listen((_, response) => {
      response.writeHead(200, { 'Content-Length': 1_000 });
      const drip = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(drip));
    });
    const over = bench.channel({ url: listener.url, timeouts: { connectMs: 500, answerMs: 200 } });
    const startedAt = performance.now();
    expect(await send(over)).toEqual({ kind: 'unknown', cause: 'no_answer: timed_out' });
    // 700 ms, and what a busy machine adds.
    expect(performance.now() - startedAt).toBeLessThan(1_700);
    await listener.close();
  });

  it('is not read without end', async () => {
    const listener = await listen((_, response) => void response.end('x'.repeat(1_000_000)));
    expect(await send(bench.channel({ url: listener.url }))).toEqual({
      kind: 'unknown',
      cause: 'no_answer: unreadable_answer',
    });
    await listener.close();
  });

  it('that leads elsewhere is not followed, and the key goes nowhere else', async () => {
    const seen: string[] = [];
    const elsewhere = await listen((request, response) => {
      seen.push(String(request.headers.authorization));
      response.end('{"id":"a"}');
    });
    const listener = await listen((_, response) => {
      response.writeHead(307, { Location: `http://127.0.0.1:${elsewhere.port}/emails` }).end();
    });
    expect(await send(bench.channel({ url: listener.url }))).toEqual({
      kind: 'unknown',
      cause: 'unexpected_answer: 307',
    });
    expect(seen).toEqual([]);
    await listener.close();
    await elsewhere.close();
  });

  it('on a connection that was in use before is unknown like on a new one', async () => {
    const over = bench.channel();
    expect(await send(over, 'key-1')).toMatchObject({ kind: 'accepted' });
    await bench.server.when({ at: 'arrival', answer: 'drop', times: 1 });
    expect(await send(over, 'key-2')).toEqual({ kind: 'unknown', cause: 'no_answer: connection_lost' });
  });

  it('on a connection that was handed over straight from another request is unknown, too', async () => {
    // More at once than connections: the eleventh gets one that has just become free and was never idle.
    await bench.server.set({ delayMs: 50 });
    await bench.server.when({ at: 'after', answer: 'drop', to: 'late@example.com' });
    const over = bench.channel();
    const first = Array.from({ length: 10 }, (_, n) => send(over, `key-${n}`));
    expect(await send(over, 'key-late', 'late@example.com')).toEqual({
      kind: 'unknown',
      cause: 'no_answer: connection_lost',
    });
    expect(await Promise.all(first)).toHaveLength(10);
  });

  it('comes early, before the mails are out, and counts', async () => {
    const listener = await listen((request, response) => {
      response.writeHead(413, { Connection: 'close', 'Content-Type': 'application/json' });
      response.end('{"statusCode":413,"name":"payload_too_large","message":"Too large."}');
      request.resume();
    });
    const big = {
      deliveryId: 'd1',
      bytes: Buffer.from(JSON.stringify({ to: ['a@x.io'], text: 'x'.repeat(8_000_000) })),
    };
    expect(await bench.channel({ url: listener.url }).send([big], 'key')).toEqual([
      { kind: 'refused', reason: 'message_refused: 413 payload_too_large Too large.', suppress: false },
    ]);
    await listener.close();
  });
});

describe('a mail that never left', () => {
  it('is not sent: nobody listens, and the log has the error', async () => {
    const { port, close } = await listen(() => undefined);
    await close();
    const warn = jest.spyOn(Logger.prototype, 'warn');
    const over = bench.channel({ url: `resend://re_key@127.0.0.1:${port}` });
    expect(await over.send(mails(2), 'key')).toEqual([
      { kind: 'not_sent', cause: 'unreachable' },
      { kind: 'not_sent', cause: 'unreachable' },
    ]);
    const [fields] = warn.mock.lastCall as [Record<string, unknown>];
    expect(fields).toMatchObject({ batch: 'key', mails: 2, cause: 'unreachable', hasLeft: false });
    expect(fields.error).toMatchObject({ code: 'ECONNREFUSED', stack: expect.any(String) });
  });

  it('is not sent: the host has no address', async () => {
    const over = bench.channel({ url: 'resend://re_key@nowhere.invalid:80', timeouts: { connectMs: 5_000 } });
    expect(await send(over)).toEqual({ kind: 'not_sent', cause: expect.stringMatching(/^(unreachable|timed_out)$/) });
  });

  it('is not sent: no connection was free in time', async () => {
    await bench.server.when({ at: 'before', answer: 'hang' });
    // Ten connect in time, also on a busy machine, and hang for longer than the eleventh waits for a connection.
    const over = bench.channel({ timeouts: { connectMs: 1_000, answerMs: 3_000 } });
    const first = Array.from({ length: 10 }, (_, n) => send(over, `key-${n}`));
    expect(await send(over, 'key-late')).toEqual({ kind: 'not_sent', cause: 'timed_out' });
    expect(new Set((await Promise.all(first)).map(({ kind }) => kind))).toEqual(new Set(['unknown']));
  });
});
