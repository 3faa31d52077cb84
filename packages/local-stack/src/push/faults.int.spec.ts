import { createServer } from 'node:http';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { push, requestFor, send } from '../../test/web-push-client.js';
import { waitFor } from '../wait-for.js';
import type { PushFaultRule } from './faults.js';
import { PushService, type PushSubscriptionKeys } from './push-service.js';

describe('the push service, told to misbehave', () => {
  let service: PushService;
  let subscription: PushSubscriptionKeys;
  beforeAll(async () => {
    service = await PushService.start();
  });
  beforeEach(() => {
    subscription = service.subscribe();
  });
  afterEach(() => {
    service.forgetRules();
    service.forget();
  });
  afterAll(() => service.close());

  const taken = () => service.to(subscription.endpoint).map(({ text }) => text);
  const lastOutcome = () =>
    waitFor(() => {
      const outcome = service.pushes()[0]?.outcome;
      return outcome !== undefined && outcome !== 'open' && outcome;
    });

  it.each([400, 401, 403, 404, 406, 410, 413, 429, 500, 503])('answers %i and takes nothing', async (status) => {
    service.when({ answer: { status }, times: 1 });
    const answer = await push(subscription);
    expect([answer.status, JSON.parse(answer.text).message]).toEqual([status, 'Told to answer so.']);
    expect(service.pushes()[0]).toMatchObject({
      outcome: status,
      isTaken: false,
      problem: `Told to answer ${status}.`,
    });
    expect(taken()).toEqual([]);
    expect((await push(subscription)).status).toBe(201);
    expect(taken()).toEqual(['Hello']);
  });

  it.each([429, 503])('says with %i when to come back', async (status) => {
    service.when({ answer: { status, retryAfterSeconds: 120, body: 'Later.' } });
    const answer = await push(subscription);
    expect([answer.status, answer.headers.get('retry-after'), answer.text]).toEqual([status, '120', 'Later.']);
  });

  it('answers in the words it is given', async () => {
    service.when({ answer: { status: 400, body: { reason: 'VapidPkHashMismatch' }, headers: { 'x-from': 'Apple' } } });
    const answer = await push(subscription);
    expect([answer.text, answer.headers.get('x-from')]).toEqual(['{"reason":"VapidPkHashMismatch"}\n', 'Apple']);
  });

  it('redirects, and whoever follows is seen elsewhere', async () => {
    const visits: (string | undefined)[] = [];
    const elsewhere = createServer((request, response) => {
      visits.push(request.url);
      response.end();
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
    const { port } = elsewhere.address() as { port: number };
    service.when({ answer: { status: 302, location: `http://127.0.0.1:${port}/inside` } });
    const answer = await push(subscription);
    expect([answer.status, answer.headers.get('location')]).toEqual([302, `http://127.0.0.1:${port}/inside`]);
    await send(subscription.endpoint, requestFor(subscription), { redirect: 'follow' });
    expect(visits).toEqual(['/inside']);
    elsewhere.closeAllConnections();
    elsewhere.close();
  });

  it.each<[string, PushFaultRule, string[]]>([
    ['drops the connection before it reads the body', { at: 'arrival', answer: 'drop' }, []],
    ['drops the connection and takes nothing', { at: 'before', answer: 'drop' }, []],
    ['takes the push and drops the answer', { at: 'after', answer: 'drop' }, ['Hello']],
  ])('%s', async (_, rule, expected) => {
    service.when({ ...rule, times: 1 });
    await expect(push(subscription)).rejects.toThrow();
    expect(await lastOutcome()).toBe('dropped');
    expect(taken()).toEqual(expected);
  });

  it.each<[PushFaultRule['at'], string[]]>([
    ['arrival', []],
    ['before', []],
    ['after', ['Hello']],
  ])('never answers, hanging at %s', async (at, expected) => {
    service.when({ at: at as 'arrival', answer: 'hang' });
    const signal = AbortSignal.timeout(200);
    await expect(send(subscription.endpoint, requestFor(subscription), { signal })).rejects.toThrow();
    expect(await lastOutcome()).toBe('dropped');
    expect(taken()).toEqual(expected);
  });

  it('answers 10 MB', async () => {
    service.when({ at: 'after', answer: 'huge' });
    const answer = await push(subscription);
    expect([answer.status, answer.text.length, taken()]).toEqual([201, 10_000_000, ['Hello']]);
  });

  it('answers byte by byte, the head, too', async () => {
    service.when({ at: 'after', answer: 'slow', byteMs: 5 });
    const pieces = await rawAnswer(subscription);
    expect(pieces.length).toBeGreaterThan(20);
    expect(pieces.join('')).toMatch(/^HTTP\/1\.1 201 Slow\r\nlocation: \S+\r\n.*\r\n\r\n$/s);
    expect(await lastOutcome()).toBe(201);
    const signal = AbortSignal.timeout(60);
    await expect(send(subscription.endpoint, requestFor(subscription), { signal })).rejects.toThrow();
    expect(await lastOutcome()).toBe('dropped');
  });

  it('answers late', async () => {
    service.when({ at: 'after', delayMs: 200 });
    const startedAt = Date.now();
    expect((await push(subscription)).status).toBe(201);
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(195);
  });

  it('does so for one endpoint, for the n-th push, n times, or for ever', async () => {
    const other = service.subscribe();
    const statuses = async (...to: PushSubscriptionKeys[]) => {
      const got: number[] = [];
      for (const one of to) got.push((await push(one)).status);
      return got;
    };
    service.when({ endpoint: other.endpoint, answer: { status: 410 } });
    expect(await statuses(subscription, other, other, subscription)).toEqual([201, 410, 410, 201]);
    service.forgetRules();
    service.when({ answer: { status: 429 }, times: 2 });
    expect(await statuses(subscription, other, subscription)).toEqual([429, 429, 201]);
    service.forget();
    service.when({ request: 2, answer: { status: 500 } });
    expect(await statuses(subscription, subscription, subscription)).toEqual([201, 500, 201]);
  });

  it('by the rules of another process, over HTTP', async () => {
    const control = async (method: string, body?: unknown) => {
      const init = { method, ...(body !== undefined && { body: JSON.stringify(body) }) };
      const answer = await fetch(`${service.url}/faults`, init);
      return [answer.status, await answer.text()];
    };
    expect(await control('POST', { answer: { status: 503, retryAfterSeconds: 7 }, times: 1 })).toEqual([204, '']);
    expect(await control('POST', [{ endpoint: subscription.endpoint, answer: { status: 410 } }])).toEqual([204, '']);
    const first = await push(subscription);
    expect([first.status, first.headers.get('retry-after')]).toEqual([503, '7']);
    expect((await push(subscription)).status).toBe(410);
    expect(await control('DELETE')).toEqual([204, '']);
    expect((await push(subscription)).status).toBe(201);
    for (const [wrong, field] of [
      [{ when: 'before' }, 'when'],
      [{ answer: 'explode' }, 'answer'],
      [{ answer: { state: 500 } }, 'answer'],
      [{ answer: { status: 500, retryAfter: 1 } }, 'answer'],
      [{ times: -1 }, 'times'],
    ] as const)
      expect(await control('POST', wrong)).toEqual([400, expect.stringContaining(`\`${field}\``)]);
    expect(await control('POST', 'none')).toEqual([400, expect.stringContaining('A rule is an object.')]);
  });
});

/** What comes over the wire, in the pieces in which it comes. */
function rawAnswer(subscription: PushSubscriptionKeys): Promise<string[]> {
  const { headers, body } = requestFor(subscription);
  const { hostname, port, pathname } = new URL(subscription.endpoint);
  const lines = Object.entries({ ...headers, host: `${hostname}:${port}`, 'content-length': String(body?.length) });
  const head = [`POST ${pathname} HTTP/1.1`, ...lines.map(([name, value]) => `${name}: ${value}`), '', ''].join('\r\n');
  return new Promise((resolve, reject) => {
    const pieces: string[] = [];
    const socket = connect(Number(port), hostname);
    socket.on('data', (piece) => pieces.push(String(piece)));
    socket.once('end', () => resolve(pieces));
    socket.once('error', reject);
    socket.write(Buffer.concat([Buffer.from(head), body as Buffer]));
  });
}
