import { type RpcRequest, rpcs } from '@bellhop/contracts/rpc';
import { waitFor } from '@bellhop/local-stack';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Type } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { of } from 'rxjs';
import { Bench } from '../../test/fixture.js';
import { EventsController, OnRpc, RpcClient, RpcError, RpcRefusal } from '../index.js';

const { subject } = rpcs.findForGuest;
const TICKET = '0199f3a1-7c1e-4d55-9d2e-3b6a5b1f0c11';
const request = { number: '7K4M2Q', email: 'jana@example.com' };
type Request = RpcRequest<'findForGuest'>;

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.start();
});
afterEach(() => bench.reset());
afterAll(() => bench.stop());

function handling(handle: (request: Request) => unknown): Type {
  @EventsController()
  class Handlers {
    @OnRpc('findForGuest')
    find(@Payload() request: Request) {
      return handle(request);
    }
  }
  return Handlers;
}

async function serve(
  handle: (request: Request) => unknown,
  isTransientError: (error: unknown) => boolean = () => false,
) {
  const served = await bench.consume([handling(handle)], { streams: [], isTransientError });
  // Otherwise a request on another connection may arrive before the subscription.
  await (await served.link.connected()).flush();
  return served;
}

async function client(timeoutMs?: number): Promise<RpcClient> {
  const link = bench.link(undefined, 'guest-auth');
  await link.connected();
  return new RpcClient(link, timeoutMs);
}

const failure = (asking: Promise<unknown>): Promise<RpcError> =>
  asking.then(
    () => Promise.reject(new Error('it got a reply')),
    (error) => error as RpcError,
  );

describe('a request to another service', () => {
  it('gets as reply what the handler returns, emits, or leaves out', async () => {
    const answers = [{ ticketId: TICKET }, of({ ticketId: TICKET }), null, undefined];
    const heard: Request[] = [];
    await serve((request) => {
      heard.push(request);
      return answers[heard.length - 1];
    });
    const rpc = await client();
    const got = [];
    for (const _ of answers) got.push(await rpc.request('findForGuest', request));
    expect(got).toEqual([{ ticketId: TICKET }, { ticketId: TICKET }, null, null]);
    expect(heard).toEqual(Array(4).fill(request));
  });

  it('is dropped when its caller has timed out: after a standstill live requests do not queue behind abandoned ones', async () => {
    let go: () => void = () => undefined;
    const standstill = new Promise<void>((resolve) => {
      go = resolve;
    });
    const heard: string[] = [];
    await serve(async ({ number }) => {
      heard.push(number);
      await standstill;
      return null;
    });
    const rpc = await client();
    const failures = Array.from({ length: 150 }, () => failure(rpc.request('findForGuest', request)));
    expect(new Set((await Promise.all(failures)).map(({ kind }) => kind))).toEqual(new Set(['timeout']));
    // Some were heard a moment after they were asked.
    const deadAt = performance.now() + 500;
    await waitFor(() => performance.now() > deadAt);
    go();
    expect(await rpc.request('findForGuest', { ...request, number: 'ALIVE1' })).toBeNull();
    expect(heard).toHaveLength(101);
    expect(heard.at(-1)).toBe('ALIVE1');
  });

  it('reaches one replica only', async () => {
    const counts = [0, 0];
    for (const index of [0, 1])
      await serve(() => {
        counts[index]! += 1;
        return null;
      });
    const rpc = await client();
    await Promise.all(Array.from({ length: 100 }, () => rpc.request('findForGuest', request)));
    expect(counts[0]! + counts[1]!).toBe(100);
    expect(Math.min(...counts)).toBeGreaterThan(0);
  });

  it('is refused with a code that the calling service can act on, and when to retry', async () => {
    await serve(() => {
      throw new RpcRefusal('over_budget', 'Three codes are out.\r\nNats-Evil: 1', { retryAfterSeconds: 60 });
    });
    const error = await failure((await client()).request('findForGuest', request));
    expect(error).toMatchObject({ kind: 'refused', code: 'over_budget', retryAfterSeconds: 60, isUndelivered: false });
    expect(error.message).toBe(`${subject} failed (over_budget): Three codes are out. Nats-Evil: 1`);
  });

  it('distinguishes a transient error from an unexpected one, and reveals neither message', async () => {
    const transient = new Error('the database of jana@example.com is away');
    await serve(
      ({ number }) => {
        throw number === '7K4M2Q' ? transient : new TypeError('secret');
      },
      (error) => error === transient,
    );
    const rpc = await client();
    const errors = [
      await failure(rpc.request('findForGuest', request)),
      await failure(rpc.request('findForGuest', { ...request, number: 'ABC' })),
    ];
    expect(errors.map(({ kind, code }) => [kind, code])).toEqual([
      ['refused', 'unavailable'],
      ['refused', 'failed'],
    ]);
    expect(errors.map(({ message }) => message).join()).not.toMatch(/jana|secret/);
    expect(bench.log.text()).toMatch(
      /rpc request failed: replied \\?"failed.*TypeError: secret.*tickets\.rpc\.v1\.find_for_guest/,
    );
  });

  it('is certainly undelivered when no replica is running, within milliseconds, and while NATS is unreachable', async () => {
    const rpc = await client();
    const startedAt = performance.now();
    expect(await failure(rpc.request('findForGuest', request))).toMatchObject({
      kind: 'no_responders',
      isUndelivered: true,
    });
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    const lonely = new RpcClient(bench.link('nats://127.0.0.1:1', 'guest-auth'));
    expect(await failure(lonely.request('findForGuest', request))).toMatchObject({
      kind: 'disconnected',
      isUndelivered: true,
    });
  });

  it('may have been handled when the reply does not come in time', async () => {
    const { opened, open } = bench.gate();
    let isHeard = false;
    await serve(async () => {
      isHeard = true;
      await opened;
      return null;
    });
    const error = await failure((await client(200)).request('findForGuest', request));
    expect(error).toMatchObject({ kind: 'timeout', isUndelivered: false });
    expect(isHeard).toBe(true);
    open();
  });

  it('that breaks the contract is not sent, or not handled, and the refusal names the field without its value', async () => {
    let calls = 0;
    await serve(() => {
      calls++;
      return { ticketId: 'nonsense' };
    });
    const rpc = await client();
    await expect(rpc.request('findForGuest', { ...request, email: 'a@b, c@d' })).rejects.toThrow(
      'plain e-mail address',
    );
    for (const body of ['{', '[]', JSON.stringify({ ...request, number: '<script>' })]) {
      const { headers } = await bench.admin.request(subject, body, { timeout: 2_000 });
      expect(headers?.get('Bellhop-Error-Code')).toBe('bad_request');
      expect(headers?.get('Nats-Service-Error')).not.toContain('script');
    }
    expect(calls).toBe(0);
    expect(await failure(rpc.request('findForGuest', request))).toMatchObject({ kind: 'refused', code: 'bad_reply' });
    expect(calls).toBe(1);
  });

  it('S36 that a stream delivers gets no reply, although its bytes are a valid request', async () => {
    let calls = 0;
    await bench.provision();
    await serve(() => {
      calls++;
      return null;
    });
    const hostile = {
      durable_name: 'h',
      ack_policy: 'explicit',
      deliver_policy: 'all',
      deliver_subject: subject,
      deliver_group: 'notifications',
    };
    const made = await bench.admin.request(
      '$JS.API.CONSUMER.DURABLE.CREATE.TICKETS.h',
      JSON.stringify({ stream_name: 'TICKETS', config: hostile }),
    );
    expect(made.json()).not.toHaveProperty('error');
    await bench.store('tickets.v1.replied', request);
    await waitFor(() => bench.log.lines.some(({ publishedTo }) => publishedTo === 'tickets.v1.replied'), {
      what: 'the refusal',
    });
    expect(calls).toBe(0);
  });

  it('gets a reply again after NATS was unreachable, and the last ones before the service ends', async () => {
    const { opened, open } = bench.gate();
    let isSlow = false;
    let isHeard = false;
    const { app } = await serve(async () => {
      isHeard = isSlow;
      if (isSlow) await opened;
      return null;
    });
    const rpc = await client();
    await bench.down('kill');
    await bench.resume();
    await waitFor(
      () =>
        rpc.request('findForGuest', request).then(
          (answer) => answer === null,
          () => false,
        ),
      { what: 'an answer' },
    );
    isSlow = true;
    const last = rpc.request('findForGuest', request);
    await waitFor(() => isHeard);
    const closing = app.close();
    setTimeout(open, 100);
    expect(await last).toBeNull();
    await closing;
    expect(await failure(rpc.request('findForGuest', request))).toMatchObject({ kind: 'no_responders' });
  });

  it('has one handler', async () => {
    const twice = bench.consume([handling(() => null), handling(() => null)], { streams: [] });
    await expect(twice).rejects.toThrow(`two handlers for ${subject}`);
  });
});
