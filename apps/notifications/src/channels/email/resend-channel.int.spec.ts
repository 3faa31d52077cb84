import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ResendServer, startResend, waitFor } from '@bellhop/local-stack';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Outcome } from '../channel.js';
import { parseSender } from './address.js';
import { ResendChannel, type ResendChannelOptions } from './resend-channel.js';
import { freezeResendMail } from './resend-mail.js';

const mailTo = (recipient: string, deliveryId = 'd1') => ({
  deliveryId,
  bytes: freezeResendMail({
    sender: parseSender({ from: 'Support, Example <support@example.com>' }),
    recipient,
    subject: 'Zgłoszenie 7K4M2Q',
    html: '<p>Zażółć</p>',
    text: 'Zażółć',
    deliveryId,
    generation: 0,
    ticket: { system: 'crm', id: 'T-1' },
    locale: 'pl',
    date: new Date(0),
  }),
});
const mails = (count: number) =>
  Array.from({ length: count }, (_, index) => mailTo(`p${index}@example.com`, `d${index}`));

let server: ResendServer;
const open = new Set<ResendChannel>();
const channel = (options: Partial<ResendChannelOptions> = {}) => {
  const made = new ResendChannel({ url: server.url, ...options });
  open.add(made);
  return made;
};
/** One mail, one outcome. */
const send = async (over: ResendChannel, key = 'key-1', to = 'jana@example.com') =>
  (await over.send([mailTo(to)], key))[0] as Outcome;

beforeEach(async () => {
  server = await startResend();
});
afterEach(async () => {
  for (const made of open) await made.close();
  open.clear();
  await server.stop();
});

describe('a mail that Resend takes', () => {
  it('arrives as it was composed, under its key and with its tag', async () => {
    expect(await send(channel())).toEqual({ kind: 'accepted', ref: expect.any(String) });
    const [email] = await server.emails();
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
    expect(await server.requests()).toMatchObject([{ method: 'POST', path: '/emails', outcome: 200 }]);
  });

  it('is one of a hundred in one request, and each answer finds its mail', async () => {
    const outcomes = await channel().send(mails(100), 'key-100');
    const emails = await server.emails();
    expect(emails.map(({ tags }) => tags.delivery)).toEqual(mails(100).map(({ deliveryId }) => deliveryId));
    expect(outcomes).toEqual(emails.map(({ id }) => ({ kind: 'accepted', ref: id })));
    expect(await server.requests()).toMatchObject([{ path: '/emails/batch', key: 'key-100' }]);
  });

  it('is taken though another of the hundred is refused', async () => {
    await server.when({ at: 'item', to: 'p41@example.com' });
    const outcomes = await channel().send(mails(100), 'key-100');
    const emails = await server.emails();
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
    const over = channel({ url: listener.url });
    for (let n = 0; n < 5; n++) expect(await send(over, `key-${n}`)).toMatchObject({ kind: 'accepted' });
    expect(connections).toBe(1);
    await listener.close();
  });
});

describe('an answer that is lost', () => {
  const quick = { timeouts: { answerMs: 300 } };

  it.each(['drop', 'hang', 'garbage', 'truncate'] as const)(
    'after everything was accepted (%s) is unknown, and the same key then tells, with no second mail',
    async (answer) => {
      const over = channel(quick);
      for (const [key, batch] of Object.entries({ 'key-1': [mailTo('jana@example.com')], 'key-3': mails(3) })) {
        await server.when({ at: 'after', answer, key, times: 1 });
        const first = await over.send(batch, key);
        expect(new Set(first.map(({ kind }) => kind))).toEqual(new Set(['unknown']));
        const taken = (await server.emails()).filter((email) => email.key === key);
        expect(taken).toHaveLength(batch.length);
        expect(await over.send(batch, key)).toEqual(taken.map(({ id }) => ({ kind: 'accepted', ref: id })));
      }
      expect(await server.emails()).toHaveLength(4);
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
    await server.when(rule);
    const over = channel(quick);
    expect(await send(over)).toEqual({ kind: 'unknown', cause });
    expect(await over.send(mails(2), 'key-2')).toEqual([
      { kind: 'unknown', cause },
      { kind: 'unknown', cause },
    ]);
  });

  it('is waited for no longer than promised, however slowly it comes', async () => {
    const listener = await listen((_, response) => {
      response.writeHead(200, { 'Content-Length': 1_000 });
      const drip = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(drip));
    });
    const over = channel({ url: listener.url, timeouts: { connectMs: 500, answerMs: 200 } });
    expect(over.longestSendMs).toBe(700);
    const startedAt = performance.now();
    expect(await send(over)).toEqual({ kind: 'unknown', cause: 'no_answer: timed_out' });
    expect(performance.now() - startedAt).toBeLessThan(over.longestSendMs + 1_000);
    await listener.close();
  });

  it('is not read without end', async () => {
    const listener = await listen((_, response) => void response.end('x'.repeat(1_000_000)));
    expect(await send(channel({ url: listener.url }))).toEqual({
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
    expect(await send(channel({ url: listener.url }))).toEqual({
      kind: 'unknown',
      cause: 'unexpected_answer: 307',
    });
    expect(seen).toEqual([]);
    await listener.close();
    await elsewhere.close();
  });

  it('on a connection that was in use before is unknown like on a new one', async () => {
    const over = channel();
    expect(await send(over, 'key-1')).toMatchObject({ kind: 'accepted' });
    await server.when({ at: 'arrival', answer: 'drop', times: 1 });
    expect(await send(over, 'key-2')).toEqual({ kind: 'unknown', cause: 'no_answer: connection_lost' });
  });

  it('on a connection that was handed over straight from another request is unknown, too', async () => {
    // More at once than connections: the eleventh gets one that has just become free and was never idle.
    await server.set({ delayMs: 50 });
    await server.when({ at: 'after', answer: 'drop', to: 'late@example.com' });
    const over = channel();
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
    expect(await channel({ url: listener.url }).send([big], 'key')).toEqual([
      { kind: 'refused', reason: 'message_refused: 413 payload_too_large Too large.', suppress: false },
    ]);
    await listener.close();
  });
});

describe('a mail that never left', () => {
  it('is not sent: nobody listens', async () => {
    const { port, close } = await listen(() => undefined);
    await close();
    const over = channel({ url: `resend://re_key@127.0.0.1:${port}` });
    expect(await over.send(mails(2), 'key')).toEqual([
      { kind: 'not_sent', cause: 'unreachable' },
      { kind: 'not_sent', cause: 'unreachable' },
    ]);
  });

  it('is not sent: the host has no address', async () => {
    const over = channel({ url: 'resend://re_key@nowhere.invalid:80', timeouts: { connectMs: 5_000 } });
    expect(await send(over)).toEqual({ kind: 'not_sent', cause: expect.stringMatching(/^(unreachable|timed_out)$/) });
  });

  it('is not sent: no connection was free in time', async () => {
    await server.when({ at: 'before', answer: 'hang' });
    const over = channel({ timeouts: { connectMs: 200, answerMs: 1_000 } });
    const first = Array.from({ length: 10 }, (_, n) => send(over, `key-${n}`));
    expect(await send(over, 'key-late')).toEqual({ kind: 'not_sent', cause: 'timed_out' });
    expect(new Set((await Promise.all(first)).map(({ kind }) => kind))).toEqual(new Set(['unknown']));
  });
});

describe('an answer that is no', () => {
  it('to too many is for all, holds everything back as long as it asks, and then goes on', async () => {
    await server.set({ rateLimit: { limit: 1, windowMs: 1_000 } });
    const over = channel();
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
    expect(await server.emails()).toHaveLength(2);
  });

  it('with a Retry-After of its own is held to', async () => {
    await server.when({ at: 'before', answer: { status: 429, retryAfterSeconds: 30 } });
    const over = channel();
    expect(await send(over)).toMatchObject({ kind: 'throttled', retryAfterMs: 30_000, isForAll: true });
    expect(over.allowance().againInMs).toBeGreaterThan(29_000);
  });

  it('for a quota that is used up holds everything back for long', async () => {
    await server.set({ quota: { daily: 1 } });
    const over = channel();
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
    await server.when({ at: 'before', answer: { status: 422, message: 'No.' } });
    const over = channel();
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
    const outcomes = await channel().send([{ deliveryId: 'd1', bytes }], 'key');
    expect(outcomes).toMatchObject([{ kind: 'refused', suppress: true }]);
    expect(JSON.stringify(outcomes)).not.toMatch(/jana/);
  });

  it('to another body under a known key sends nothing, and says so', async () => {
    const over = channel();
    await send(over, 'key', 'ada@example.com');
    expect(await send(over, 'key', 'jana@example.com')).toMatchObject({
      kind: 'refused',
      reason: expect.stringMatching(/^key_conflict: 409 invalid_idempotent_request/),
      suppress: false,
    });
    expect(await server.emails()).toHaveLength(1);
  });

  it('while the same is still under way is unknown, and the first answer comes later', async () => {
    await server.when({ at: 'before', delayMs: 300, times: 1 });
    const over = channel();
    const first = send(over, 'key');
    await waitFor(async () => (await server.requests()).some(({ hash }) => hash !== null));
    expect(await send(over, 'key')).toMatchObject({
      kind: 'unknown',
      cause: expect.stringMatching(/^in_progress: 409/),
    });
    const accepted = await first;
    expect(accepted).toMatchObject({ kind: 'accepted' });
    expect(await send(over, 'key')).toEqual(accepted);
    expect(await server.emails()).toHaveLength(1);
  });

  it('to our key is about us, and loses no mail', async () => {
    const over = channel({ url: server.url.replace('re_test_key', 're_Wrong_key') });
    const outcome = await send(over);
    expect(outcome).toMatchObject({ kind: 'not_sent', cause: expect.stringMatching(/^key_refused: /) });
    expect(JSON.stringify(outcome)).not.toContain('re_Wrong');
  });
});

describe('the limits that the answers tell of', () => {
  it('are kept by many calls at once', async () => {
    await server.set({ rateLimit: { limit: 5, windowMs: 1_000 } });
    const over = channel();
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
    const over = channel();
    expect(await over.send([odd], 'key')).toEqual([
      { kind: 'refused', reason: 'invalid_frozen_mail', suppress: false },
    ]);
    const alone = { kind: 'not_sent', cause: 'invalid_frozen_mail', isAlone: true };
    expect(await over.send([mailTo('jana@example.com'), odd], 'key')).toEqual([alone, alone]);
    expect(await server.requests()).toEqual([]);
  });
});

describe('a look at the set-up', () => {
  it('finds nothing wrong, and sends nothing', async () => {
    expect(await channel().verify()).toBeNull();
    expect(await server.emails()).toEqual([]);
  });

  it('is content with a key that may only send', async () => {
    const listener = await listen((_, response) => {
      response.writeHead(401).end('{"statusCode":401,"name":"restricted_api_key","message":"Only sending."}');
    });
    expect(await channel({ url: listener.url }).verify()).toBeNull();
    await listener.close();
  });

  it('says what is wrong and what to look at, without the key', async () => {
    const url = server.url.replace('re_test_key', 're_Wrong_key');
    expect(await channel({ url }).verify()).toBe(
      `Resend at ${server.httpUrl} cannot be used (key_refused); check EMAIL_URL and the API key in it.`,
    );
    const { port, close } = await listen((_, response) => void response.writeHead(404).end('<html>'));
    const look = () => channel({ url: `resend://re_key@127.0.0.1:${port}` }).verify();
    expect(await look()).toContain('cannot be used (wrong_server)');
    await close();
    expect(await look()).toContain('cannot be used (unreachable)');
  });
});

describe('closing', () => {
  it('lets what is on the way finish, and takes nothing more', async () => {
    await server.set({ delayMs: 200 });
    const over = channel();
    const sending = send(over);
    await waitFor(async () => (await server.requests()).length === 1);
    await over.close();
    expect(await sending).toMatchObject({ kind: 'accepted' });
    expect(await send(over)).toEqual({ kind: 'not_sent', cause: 'closed' });
  });

  it('gives up after a while on what does not finish: that is unknown', async () => {
    await server.when({ at: 'after', answer: 'hang' });
    const over = channel({ timeouts: { closeMs: 100 } });
    const sending = send(over);
    await waitFor(async () => (await server.emails()).length === 1);
    await over.close();
    expect(await sending).toEqual({ kind: 'unknown', cause: 'no_answer: closed' });
  });

  it('gives up on what has no connection yet: that is not sent', async () => {
    await server.when({ at: 'before', answer: 'hang' });
    const over = channel({ timeouts: { closeMs: 100 } });
    const sending = Array.from({ length: 11 }, (_, n) => send(over, `key-${n}`));
    await waitFor(async () => (await server.requests()).length === 10);
    await over.close();
    const kinds = (await Promise.all(sending)).map(({ kind }) => kind);
    expect(kinds.toSorted()).toEqual(['not_sent', ...Array.from({ length: 10 }, () => 'unknown')]);
  });
});

/** A server for what Resend's own would never say. */
async function listen(answer: RequestListener) {
  const listener = createHttpServer(answer);
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const close = async () => {
    listener.closeAllConnections();
    listener.close();
    await once(listener, 'close');
  };
  return { server: listener, port, url: `resend://re_key@127.0.0.1:${port}`, close };
}
