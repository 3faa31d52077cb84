import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type FaultRule, type ResendServer, startResend, waitFor } from '../index.js';

const HEADERS = { authorization: 'Bearer re_test_key', 'content-type': 'application/json' };

describe('the Resend server, told to misbehave', () => {
  let server: ResendServer;
  beforeAll(async () => {
    server = await startResend();
  });
  afterEach(async () => {
    await server.chaos(null);
    await server.forgetRules();
    await server.clear();
  });
  afterAll(() => server.stop());

  const send = async (to: string[], key: string, init: RequestInit = {}) => {
    const body = JSON.stringify(to.map(mail));
    const headers = { ...HEADERS, 'idempotency-key': key, 'x-batch-validation': 'permissive', ...init.headers };
    const answer = await fetch(`${server.httpUrl}/emails/batch`, { method: 'POST', body, ...init, headers });
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  };
  const addresses = async () => (await server.emails()).flatMap((email) => email.to);
  const lastOutcome = () =>
    waitFor(async () => {
      const outcome = (await server.requests()).at(-1)?.outcome;
      return outcome !== 'open' && outcome;
    });

  const LOST: [string, FaultRule, string[]][] = [
    ['resets the connection before it reads', { at: 'arrival', answer: 'drop' }, []],
    ['drops the connection and accepts nothing', { at: 'before', answer: 'drop' }, []],
    ['accepts and drops the answer', { at: 'after', answer: 'drop' }, ['ada@example.com']],
    ['accepts and stops in the middle of the answer', { at: 'after', answer: 'truncate' }, ['ada@example.com']],
  ];
  it.each(LOST)('%s', async (_, rule, accepted) => {
    await server.when({ ...rule, times: 1 });
    await expect(send(['ada@example.com'], 'k')).rejects.toThrow();
    expect(await lastOutcome()).toBe('dropped');
    expect(await addresses()).toEqual(accepted);
    expect((await send(['ada@example.com'], 'k')).status).toBe(200);
    expect(await addresses()).toEqual(['ada@example.com']);
  });

  it.each(['before', 'after'] as const)('never answers, hanging %s it accepts', async (at) => {
    await server.when({ at, answer: 'hang', times: 1 });
    const impatient = send(['ada@example.com'], 'k', { signal: AbortSignal.timeout(150) });
    await waitFor(async () => (await server.requests()).length === 1);
    await expect(impatient).rejects.toThrow();
    expect(await lastOutcome()).toBe('dropped');
    expect(await addresses()).toEqual(at === 'before' ? [] : ['ada@example.com']);
    // Free again, or remembered.
    expect((await waitFor(() => send(['ada@example.com'], 'k'))).status).toBe(200);
    expect(await addresses()).toEqual(['ada@example.com']);
  });

  it('accepts late what a client has given up on', async () => {
    await server.when({ at: 'before', delayMs: 300, times: 1 });
    await expect(send(['ada@example.com'], 'k', { signal: AbortSignal.timeout(50) })).rejects.toThrow();
    expect((await send(['ada@example.com'], 'k')).status).toBe(409);
    await waitFor(async () => (await server.emails()).length === 1);
    expect((await send(['ada@example.com'], 'k')).status).toBe(200);
    expect(await addresses()).toEqual(['ada@example.com']);
  });

  it('answers late what it accepted at once', async () => {
    await server.when({ at: 'after', delayMs: 200, times: 1 });
    const startedAt = Date.now();
    const slow = send(['ada@example.com'], 'k');
    await waitFor(async () => (await server.emails()).length === 1);
    expect((await slow).status).toBe(200);
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(195);
  });

  it.each([500, 503, 429, 403, 422])('answers %i and accepts nothing', async (status) => {
    await server.when({ at: 'before', answer: { status, message: 'No.' }, times: 1 });
    const { text, ...refused } = await send(['ada@example.com'], 'k');
    expect(refused.status).toBe(status);
    expect(JSON.parse(text)).toEqual({ statusCode: status, name: expect.any(String), message: 'No.' });
    expect(refused.headers.get('retry-after')).toBe(status === 429 ? '1' : null);
    expect(await addresses()).toEqual([]);
  });

  it('answers with a named problem and says when to come back', async () => {
    const answer = { status: 429, name: 'daily_quota_exceeded', retryAfterSeconds: 7 } as const;
    await server.when({ at: 'before', answer });
    const refused = await send(['ada@example.com'], 'k');
    expect(JSON.parse(refused.text)).toMatchObject({ name: 'daily_quota_exceeded' });
    expect(refused.headers.get('retry-after')).toBe('7');
  });

  it('answers 500 although it accepted, and knows the key when it comes again', async () => {
    await server.when({ at: 'after', answer: { status: 500 }, times: 1 });
    expect((await send(['ada@example.com'], 'k')).status).toBe(500);
    expect((await send(['ada@example.com'], 'k')).status).toBe(200);
    expect(await addresses()).toEqual(['ada@example.com']);
  });

  it('answers 200 and something that is no JSON', async () => {
    await server.when({ at: 'after', answer: 'garbage', times: 1 });
    const garbage = await send(['ada@example.com'], 'k');
    expect(garbage.status).toBe(200);
    expect(() => JSON.parse(garbage.text)).toThrow();
    expect(await addresses()).toEqual(['ada@example.com']);
  });

  it('refuses one of a hundred: alone if the batch is permissive, all of them if it is strict', async () => {
    const hundred = Array.from({ length: 100 }, (_, index) => `p${index}@example.com`);
    await server.when({ at: 'item', to: 'p42@example.com' });
    const answer = JSON.parse((await send(hundred, 'k')).text);
    expect(answer.data).toHaveLength(99);
    expect(answer.errors).toEqual([{ index: 42, message: expect.any(String) }]);
    expect((await send(hundred, 'k-2', { headers: { 'x-batch-validation': 'strict' } })).status).toBe(422);
    expect(await addresses()).toEqual(hundred.filter((to) => to !== 'p42@example.com'));
  });

  it('applies a rule only to the address, the key, the endpoint or the request it is for', async () => {
    const answer = { status: 503 };
    await server.when({ at: 'before', to: 'ada@example.com', answer });
    await server.when({ at: 'before', key: 'k-2', answer });
    await server.when({ at: 'before', path: '/emails', answer });
    await server.when({ at: 'arrival', request: 4, answer });
    expect((await send(['jan@example.com', 'Ada <ada@example.com>'], 'k-1')).status).toBe(503);
    expect((await send(['jan@example.com'], 'k-2')).status).toBe(503);
    expect((await send(['jan@example.com'], 'k-3')).status).toBe(200);
    expect((await send(['jan@example.com'], 'k-4')).status).toBe(503);
    expect((await send(['jan@example.com'], 'k-4')).status).toBe(200);
  });

  it('refuses connections while paused and comes back on the same port', async () => {
    await server.pause();
    await expect(send(['ada@example.com'], 'k')).rejects.toThrow();
    await server.resume();
    expect((await send(['ada@example.com'], 'k')).status).toBe(200);
  });

  it('misbehaves at random, and a client that repeats loses nothing and sends nothing twice', async () => {
    const storm = async (prefix: string) => {
      const p = 0.07;
      const kinds = { reset: p, dropBefore: p, dropAfter: p, hangBefore: p, hangAfter: p, failBefore: p, failAfter: p };
      const others = { throttle: p, garbageAfter: p, truncateAfter: p, delayBefore: p, delayAfter: p };
      await server.chaos({ seed: 7, ...kinds, ...others, longestDelayMs: 20 });
      const answers: string[] = [];
      for (let number = 0; number < 40; number++) {
        for (let isDone = false; !isDone && answers.length < 2_000; ) {
          const signal = AbortSignal.timeout(60);
          const answer = await send([`${prefix}${number}@example.com`], `${prefix}${number}`, { signal }).catch(
            () => undefined,
          );
          isDone = answer?.status === 200 && answer.text.startsWith('{"data":');
          answers.push(isDone ? 'ok' : `${answer?.status}`);
        }
      }
      return answers;
    };
    const first = await storm('a');
    expect(first.length).toBeGreaterThan(55);
    expect(await addresses()).toEqual(Array.from({ length: 40 }, (_, number) => `a${number}@example.com`));
    await server.chaos(null);
    expect((await send(['calm@example.com'], 'calm')).status).toBe(200);
  });
});

function mail(to: string) {
  return { from: 'Bellhop <hop@example.com>', to, subject: 'Hello', text: 'Hi' };
}
