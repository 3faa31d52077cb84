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
const question = { number: '7K4M2Q', email: 'jana@example.com' };
type Question = RpcRequest<'findForGuest'>;

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.start();
});
afterEach(() => bench.reset());
afterAll(() => bench.stop());

function answering(answer: (request: Question) => unknown): Type {
  @EventsController()
  class Answers {
    @OnRpc('findForGuest')
    find(@Payload() request: Question) {
      return answer(request);
    }
  }
  return Answers;
}

async function serve(
  answer: (request: Question) => unknown,
  isTransientError: (error: unknown) => boolean = () => false,
) {
  const served = await bench.consume([answering(answer)], { streams: [], isTransientError });
  // Otherwise a question on another connection may be there before the subscription is.
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
    () => Promise.reject(new Error('it was answered')),
    (error) => error as RpcError,
  );

describe('a question to another service', () => {
  it('is answered with what the handler returns, emits, or leaves out', async () => {
    const answers = [{ ticketId: TICKET }, of({ ticketId: TICKET }), null, undefined];
    const heard: Question[] = [];
    await serve((request) => {
      heard.push(request);
      return answers[heard.length - 1];
    });
    const rpc = await client();
    const got = [];
    for (const _ of answers) got.push(await rpc.ask('findForGuest', question));
    expect(got).toEqual([{ ticketId: TICKET }, { ticketId: TICKET }, null, null]);
    expect(heard).toEqual(Array(4).fill(question));
  });

  it('is not begun when nobody waits for it any more: after a standstill the living are not behind the dead', async () => {
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
    const failures = Array.from({ length: 150 }, () => failure(rpc.ask('findForGuest', question)));
    expect(new Set((await Promise.all(failures)).map(({ kind }) => kind))).toEqual(new Set(['timeout']));
    // Some were heard a moment after they were asked.
    const deadAt = performance.now() + 500;
    await waitFor(() => performance.now() > deadAt);
    go();
    expect(await rpc.ask('findForGuest', { ...question, number: 'ALIVE1' })).toBeNull();
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
    await Promise.all(Array.from({ length: 100 }, () => rpc.ask('findForGuest', question)));
    expect(counts[0]! + counts[1]!).toBe(100);
    expect(Math.min(...counts)).toBeGreaterThan(0);
  });

  it('is refused with a code that the asking service can act on, and when to ask again', async () => {
    await serve(() => {
      throw new RpcRefusal('over_budget', 'Three codes are out.\r\nNats-Evil: 1', { retryAfterSeconds: 60 });
    });
    const error = await failure((await client()).ask('findForGuest', question));
    expect(error).toMatchObject({ kind: 'refused', code: 'over_budget', retryAfterSeconds: 60, isUnheard: false });
    expect(error.message).toBe(`${subject} has no answer (over_budget): Three codes are out. Nats-Evil: 1`);
  });

  it('tells an error that passes from one that has no name, and tells nobody what it says', async () => {
    const passing = new Error('the database of jana@example.com is away');
    await serve(
      ({ number }) => {
        throw number === '7K4M2Q' ? passing : new TypeError('secret');
      },
      (error) => error === passing,
    );
    const rpc = await client();
    const errors = [
      await failure(rpc.ask('findForGuest', question)),
      await failure(rpc.ask('findForGuest', { ...question, number: 'ABC' })),
    ];
    expect(errors.map(({ kind, code }) => [kind, code])).toEqual([
      ['refused', 'unavailable'],
      ['refused', 'failed'],
    ]);
    expect(errors.map(({ message }) => message).join()).not.toMatch(/jana|secret/);
    expect(bench.log.text()).toContain('answering tickets.rpc.v1.find_for_guest failed: TypeError: secret');
  });

  it('is certainly not heard when nobody is there, within milliseconds, and while NATS is away', async () => {
    const rpc = await client();
    const startedAt = performance.now();
    expect(await failure(rpc.ask('findForGuest', question))).toMatchObject({ kind: 'no_responders', isUnheard: true });
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    const lonely = new RpcClient(bench.link('nats://127.0.0.1:1', 'guest-auth'));
    expect(await failure(lonely.ask('findForGuest', question))).toMatchObject({
      kind: 'disconnected',
      isUnheard: true,
    });
  });

  it('may have been heard when the answer does not come in time', async () => {
    const { opened, open } = bench.gate();
    let isHeard = false;
    await serve(async () => {
      isHeard = true;
      await opened;
      return null;
    });
    const error = await failure((await client(200)).ask('findForGuest', question));
    expect(error).toMatchObject({ kind: 'timeout', isUnheard: false });
    expect(isHeard).toBe(true);
    open();
  });

  it('that breaks the contract is not sent, or not handled, and is told which field without its value', async () => {
    let calls = 0;
    await serve(() => {
      calls++;
      return { ticketId: 'nonsense' };
    });
    const rpc = await client();
    await expect(rpc.ask('findForGuest', { ...question, email: 'a@b, c@d' })).rejects.toThrow('plain e-mail address');
    for (const body of ['{', '[]', JSON.stringify({ ...question, number: '<script>' })]) {
      const { headers } = await bench.admin.request(subject, body, { timeout: 2_000 });
      expect(headers?.get('Bellhop-Error-Code')).toBe('bad_request');
      expect(headers?.get('Nats-Service-Error')).not.toContain('script');
    }
    expect(calls).toBe(0);
    expect(await failure(rpc.ask('findForGuest', question))).toMatchObject({ kind: 'refused', code: 'bad_answer' });
    expect(calls).toBe(1);
  });

  it('S36 that a stream delivers is not answered, although its bytes are a question', async () => {
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
    await bench.store('tickets.v1.replied', question);
    await waitFor(() => bench.log.text().includes('refused a message of tickets.v1.replied'), { what: 'the refusal' });
    expect(calls).toBe(0);
  });

  it('is answered again after NATS was away, and the last ones before the service ends', async () => {
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
        rpc.ask('findForGuest', question).then(
          (answer) => answer === null,
          () => false,
        ),
      { what: 'an answer' },
    );
    isSlow = true;
    const last = rpc.ask('findForGuest', question);
    await waitFor(() => isHeard);
    const closing = app.close();
    setTimeout(open, 100);
    expect(await last).toBeNull();
    await closing;
    expect(await failure(rpc.ask('findForGuest', question))).toMatchObject({ kind: 'no_responders' });
  });

  it('has one handler', async () => {
    const twice = bench.consume([answering(() => null), answering(() => null)], { streams: [] });
    await expect(twice).rejects.toThrow(`two handlers answer ${subject}`);
  });
});
