import { waitFor } from '@bellhop/local-stack';
import { describe, expect, it } from '@jest/globals';
import { listen, mails, mailTo, ResendBench, send } from '../../../../test/resend-bench.js';
import type { Outcome } from '../../channel.js';

const bench = new ResendBench();

describe('a mail that Resend takes', () => {
  it('arrives as it was composed, under its key and with its tag', async () => {
    expect(await send(bench.channel())).toEqual({ kind: 'accepted', ref: expect.any(String) });
    const [email] = await bench.server.emails();
    expect(email).toMatchObject({
      key: 'key-1',
      from: '"Support, Example" <support@example.com>',
      to: ['jana@example.com'],
      subject: 'Zgłoszenie 7K4M2Q',
      html: '<p>Zażółć</p>',
      text: 'Zażółć',
      headers: { 'Auto-Submitted': 'auto-generated', 'Content-Language': 'pl' },
      tags: { delivery: 'd1', generation: '0' },
    });
    expect(await bench.server.requests()).toMatchObject([{ method: 'POST', path: '/emails', outcome: 200 }]);
  });

  it('is one of a hundred in one request, and each answer finds its mail', async () => {
    const outcomes = await bench.channel().send(mails(100), 'key-100');
    const emails = await bench.server.emails();
    expect(emails.map(({ tags }) => tags.delivery)).toEqual(mails(100).map(({ deliveryId }) => deliveryId));
    expect(outcomes).toEqual(emails.map(({ id }) => ({ kind: 'accepted', ref: id })));
    expect(await bench.server.requests()).toMatchObject([{ path: '/emails/batch', key: 'key-100' }]);
  });

  it('is taken though another of the hundred is refused', async () => {
    await bench.server.when({ at: 'item', to: 'p41@example.com' });
    const outcomes = await bench.channel().send(mails(100), 'key-100');
    const emails = await bench.server.emails();
    expect(emails).toHaveLength(99);
    expect(outcomes[41]).toMatchObject({ kind: 'refused', suppress: expect.any(Boolean) });
    expect(outcomes.filter((_, index) => index !== 41)).toEqual(
      emails.map(({ id }) => ({ kind: 'accepted', ref: id })),
    );
  });

  it('goes over a connection that is kept', async () => {
    let connections = 0;
    const listener = await listen((request, response) => {
      request.resume().on('end', () => response.end('{"id":"a"}'));
    });
    listener.server.on('connection', () => {
      connections += 1;
    });
    const over = bench.channel({ url: listener.url });
    for (let n = 0; n < 5; n++) expect(await send(over, `key-${n}`)).toMatchObject({ kind: 'accepted' });
    expect(connections).toBe(1);
    await listener.close();
  });
});

describe('an answer that is no', () => {
  it('to too many is for all, holds everything back as long as it asks, and then goes on', async () => {
    await bench.server.set({ rateLimit: { limit: 1, windowMs: 1_000 } });
    const over = bench.channel();
    await send(over, 'key-1');
    // Another replica would not know.
    expect(over.allowance().calls).toBe(0);
    const outcome = await send(over, 'key-2');
    expect(outcome).toMatchObject({ kind: 'throttled', retryAfterMs: 1_000, isForAll: true });
    expect(outcome).toMatchObject({ reason: expect.stringMatching(/^rate_limited: 429 rate_limit_exceeded/) });
    const { calls, againInMs } = over.allowance();
    expect(calls).toBe(0);
    expect(againInMs).toBeGreaterThan(0);
    expect(againInMs).toBeLessThanOrEqual(1_000);
    await waitFor(() => over.allowance().calls > 0);
    expect(await send(over, 'key-2')).toMatchObject({ kind: 'accepted' });
    expect(await bench.server.emails()).toHaveLength(2);
  });

  it('with a Retry-After of its own is held to', async () => {
    await bench.server.when({ at: 'before', answer: { status: 429, retryAfterSeconds: 30 } });
    const over = bench.channel();
    expect(await send(over)).toMatchObject({ kind: 'throttled', retryAfterMs: 30_000, isForAll: true });
    expect(over.allowance().againInMs).toBeGreaterThan(29_000);
  });

  it('for a quota that is used up holds everything back for long', async () => {
    await bench.server.set({ quota: { daily: 1 } });
    const over = bench.channel();
    await send(over, 'key-1');
    expect(await send(over, 'key-2')).toMatchObject({
      kind: 'throttled',
      retryAfterMs: 600_000,
      reason: expect.stringMatching(/^quota_exceeded: 429 daily_quota_exceeded/),
      isForAll: true,
    });
    expect(over.allowance().againInMs).toBeGreaterThan(590_000);
  });

  it('to a batch as a whole sends each by itself; to one mail it is the end', async () => {
    await bench.server.when({ at: 'before', answer: { status: 422, message: 'No.' } });
    const over = bench.channel();
    expect(await over.send(mails(2), 'key-2')).toEqual(
      [0, 1].map(() => ({ kind: 'not_sent', cause: 'batch_refused: 422 validation_error No.', isAlone: true })),
    );
    expect(await send(over)).toEqual({
      kind: 'refused',
      reason: 'message_refused: 422 validation_error No.',
      suppress: false,
    });
  });

  it('to an address that is none gives the address up', async () => {
    const bytes = Buffer.from(mailTo('jana@example.com').bytes.toString().replace('jana@example.com', 'jana.k'));
    const outcomes = await bench.channel().send([{ deliveryId: 'd1', bytes }], 'key');
    expect(outcomes).toMatchObject([{ kind: 'refused', suppress: true }]);
    expect(JSON.stringify(outcomes)).not.toMatch(/jana/);
  });

  it('to another body under a known key sends nothing, and says so', async () => {
    const over = bench.channel();
    await send(over, 'key', 'ada@example.com');
    expect(await send(over, 'key', 'jana@example.com')).toMatchObject({
      kind: 'refused',
      reason: expect.stringMatching(/^key_conflict: 409 invalid_idempotent_request/),
      suppress: false,
    });
    expect(await bench.server.emails()).toHaveLength(1);
  });

  it('while the same is still under way is unknown, and the first answer comes later', async () => {
    await bench.server.when({ at: 'before', delayMs: 300, times: 1 });
    const over = bench.channel();
    const first = send(over, 'key');
    await waitFor(async () => (await bench.server.requests()).some(({ hash }) => hash !== null));
    expect(await send(over, 'key')).toMatchObject({
      kind: 'unknown',
      cause: expect.stringMatching(/^in_progress: 409/),
    });
    const accepted = await first;
    expect(accepted).toMatchObject({ kind: 'accepted' });
    expect(await send(over, 'key')).toEqual(accepted);
    expect(await bench.server.emails()).toHaveLength(1);
  });

  it('to our key is about us, and loses no mail', async () => {
    const over = bench.channel({ url: bench.server.url.replace('re_test_key', 're_Wrong_key') });
    const outcome = await send(over);
    expect(outcome).toMatchObject({ kind: 'not_sent', cause: expect.stringMatching(/^key_refused: /) });
    expect(JSON.stringify(outcome)).not.toContain('re_Wrong');
  });
});

describe('the limits that the answers tell of', () => {
  it('are kept by many calls at once', async () => {
    await bench.server.set({ rateLimit: { limit: 5, windowMs: 1_000 } });
    const over = bench.channel();
    const sending: Promise<Outcome>[] = [];
    await waitFor(() => {
      for (let n = over.allowance().calls; n > 0 && sending.length < 12; n--) {
        sending.push(send(over, `key-${sending.length}`));
      }
      return sending.length === 12;
    });
    expect(new Set((await Promise.all(sending)).map(({ kind }) => kind))).toEqual(new Set(['accepted']));
  });
});

describe('bytes that another channel has frozen', () => {
  it('are refused, and do not spoil the others of their batch', async () => {
    const odd = { deliveryId: 'd1', bytes: Buffer.from([1, 0, 0, 0, 2]) };
    const over = bench.channel();
    expect(await over.send([odd], 'key')).toEqual([
      { kind: 'refused', reason: 'invalid_frozen_mail', suppress: false },
    ]);
    const alone = { kind: 'not_sent', cause: 'invalid_frozen_mail', isAlone: true };
    expect(await over.send([mailTo('jana@example.com'), odd], 'key')).toEqual([alone, alone]);
    expect(await bench.server.requests()).toEqual([]);
  });
});

describe('a look at the set-up', () => {
  it('finds nothing wrong, and sends nothing', async () => {
    expect(await bench.channel().verify()).toBeNull();
    expect(await bench.server.emails()).toEqual([]);
  });

  it('is content with a key that may only send', async () => {
    const listener = await listen((_, response) => {
      response.writeHead(401).end('{"statusCode":401,"name":"restricted_api_key","message":"Only sending."}');
    });
    expect(await bench.channel({ url: listener.url }).verify()).toBeNull();
    await listener.close();
  });

  it('says what is wrong and what to look at, without the key', async () => {
    const url = bench.server.url.replace('re_test_key', 're_Wrong_key');
    expect(await bench.channel({ url }).verify()).toBe(
      `Resend at ${bench.server.httpUrl} cannot be used (key_refused); check EMAIL_URL and the API key in it.`,
    );
    const { port, close } = await listen((_, response) => void response.writeHead(404).end('<html>'));
    const look = () => bench.channel({ url: `resend://re_key@127.0.0.1:${port}` }).verify();
    expect(await look()).toContain('cannot be used (wrong_server)');
    await close();
    expect(await look()).toContain('cannot be used (unreachable)');
  });
});

describe('closing', () => {
  it('lets what is on the way finish, and takes nothing more', async () => {
    await bench.server.set({ delayMs: 200 });
    const over = bench.channel();
    const sending = send(over);
    await waitFor(async () => (await bench.server.requests()).length === 1);
    await over.close();
    expect(await sending).toMatchObject({ kind: 'accepted' });
    expect(await send(over)).toEqual({ kind: 'not_sent', cause: 'closed' });
  });

  it('gives up after a while on what does not finish: that is unknown', async () => {
    await bench.server.when({ at: 'after', answer: 'hang' });
    const over = bench.channel({ timeouts: { closeMs: 100 } });
    const sending = send(over);
    await waitFor(async () => (await bench.server.emails()).length === 1);
    await over.close();
    expect(await sending).toEqual({ kind: 'unknown', cause: 'no_answer: closed' });
  });

  it('gives up on what has no connection yet: that is not sent', async () => {
    await bench.server.when({ at: 'before', answer: 'hang' });
    const over = bench.channel({ timeouts: { closeMs: 100 } });
    const sending = Array.from({ length: 11 }, (_, n) => send(over, `key-${n}`));
    await waitFor(async () => (await bench.server.requests()).length === 10);
    await over.close();
    const kinds = (await Promise.all(sending)).map(({ kind }) => kind);
    expect(kinds.toSorted()).toEqual(['not_sent', ...Array.from({ length: 10 }, () => 'unknown')]);
  });
});
