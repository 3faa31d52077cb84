import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import webpush from 'web-push';
import { KEYS, type PushRequest, push, requestFor, SUBJECT, send, vapid } from '../../test/web-push-client.js';
import { PushService, type PushSubscriptionKeys } from './push-service.js';

type Change = (request: PushRequest, to: PushSubscriptionKeys) => unknown;

const OTHER = webpush.generateVAPIDKeys();
const seconds = () => Math.floor(Date.now() / 1_000);

const header =
  (name: string, value: string): Change =>
  ({ headers }) => {
    headers[name] = value;
  };
const without =
  (name: string): Change =>
  ({ headers }) =>
    delete headers[name];
const claims =
  (change: Parameters<typeof vapid>[1], keys?: Parameters<typeof vapid>[2]): Change =>
  async ({ headers }, { endpoint }) => {
    headers.authorization = await vapid(endpoint, change, keys);
  };
const edited =
  (edit: (authorization: string) => string): Change =>
  ({ headers }) => {
    headers.authorization = edit(headers.authorization as string);
  };
const body =
  (edit: (body: Buffer) => Buffer): Change =>
  (request) => {
    request.body = edit(request.body as Buffer);
  };

const HEADERS: [string, Change, number, string][] = [
  ['no TTL', without('ttl'), 400, 'MissingTtl'],
  ['a TTL below zero', header('ttl', '-1'), 400, 'BadTtl'],
  ['a TTL in words', header('ttl', 'a day'), 400, 'BadTtl'],
  ['a topic of 33 characters', header('topic', 'a'.repeat(33)), 400, 'BadTopic'],
  ['a topic that is not base64url', header('topic', 'ticket/4711'), 400, 'BadTopic'],
  ['an empty topic', header('topic', ''), 400, 'BadTopic'],
  ['an unknown urgency', header('urgency', 'highest'), 400, 'BadUrgency'],
  ['a body of 4,097 bytes', body(() => Buffer.alloc(4_097)), 413, 'PayloadTooLarge'],
  ['a body of a megabyte', body(() => Buffer.alloc(1_000_000)), 413, 'PayloadTooLarge'],
  ['the encoding before RFC 8291', header('content-encoding', 'aesgcm'), 400, 'BadEncoding'],
  ['no encoding', without('content-encoding'), 400, 'BadEncoding'],
  ['a body that is not encrypted', body(() => Buffer.from('Hello')), 400, 'BadPayload'],
  ['a head without a key', body((sealed) => sealed.fill(0, 20, 21)), 400, 'BadPayload'],
];

const TOKENS: [string, Change, number, string][] = [
  ['no token', without('authorization'), 401, 'MissingProviderToken'],
  ['a bearer token', header('authorization', 'Bearer t=x, k=y'), 401, 'MissingProviderToken'],
  ['no `t`', edited((text) => text.replace('t=', 'x=')), 403, '`t` is missing'],
  ['no `k`', edited((text) => text.replace('k=', 'x=')), 403, '`k` is missing'],
  [
    'a `k` that is no point',
    edited((text) => text.replace(/k=.{9}/, 'k=BAAAAAAAA')),
    403,
    '`k` is no uncompressed point',
  ],
  ['a token of two parts', edited((text) => text.replace(/\.[\w-]+,/, ',')), 403, '`t` is no JWT'],
  ['no JSON', edited((text) => text.replace(/t=[\w-]+\./, 't=AAAA.')), 403, '`t` is no JWT'],
  ['another algorithm', edited((text) => text.replace(/t=[\w-]+/, `t=${b64({ alg: 'HS256' })}`)), 403, 'not ES256'],
  ['no algorithm', edited((text) => text.replace(/t=[\w-]+/, `t=${b64({ alg: 'none' })}`)), 403, 'not ES256'],
  ['a changed claim', edited((text) => text.replace(/\.[\w-]+\./, `.${b64({ aud: 'x' })}.`)), 403, 'not signed with'],
  ['a signature by another key', claims({}, { signer: OTHER }), 403, 'not signed with the key in `k`'],
  ['another audience', claims({ aud: 'https://push.example' }), 403, '`aud` is'],
  ['an audience with a path', (r, to) => claims({ aud: to.endpoint })(r, to), 403, '`aud` is'],
  ['no audience', claims({ aud: undefined as never }), 403, '`aud` is'],
  ['no expiry', claims({ exp: undefined as never }), 403, '`exp` is no number'],
  ['an expiry in the past', claims({ exp: seconds() - 1 }), 403, '`exp` is in the past'],
  ['an expiry in 25 hours', claims({ exp: seconds() + 25 * 3_600 }), 403, '`exp` is more than 24 hours ahead'],
  ['no subject', claims({ sub: undefined as never }), 403, '`sub` is no mailto: or https: URL'],
  ['a bare address', claims({ sub: 'push@bellhop.example' }), 403, '`sub` is no mailto:'],
  ['an address in brackets', claims({ sub: 'mailto:<push@bellhop.example>' }), 403, '`sub` is no mailto:'],
  ['a subject over http', claims({ sub: 'http://bellhop.example' }), 403, '`sub` is no mailto:'],
  ['an address at localhost', claims({ sub: 'mailto:push@localhost' }), 403, '`sub` is at localhost'],
  ['a page at localhost', claims({ sub: 'https://localhost:3000/push' }), 403, '`sub` is at localhost'],
  ['a page at 127.0.0.1', claims({ sub: 'https://127.0.0.1' }), 403, '`sub` is at localhost'],
];

describe('the push service refuses', () => {
  let service: PushService;
  let subscription: PushSubscriptionKeys;
  beforeAll(async () => {
    service = await PushService.start();
  });
  beforeEach(() => {
    service.forget();
    subscription = service.subscribe();
  });
  afterAll(() => service.close());

  it.each([...HEADERS, ...TOKENS])('%s', async (_, change, status, words) => {
    const request = requestFor(subscription);
    await change(request, subscription);
    const answer = await send(subscription.endpoint, request);
    expect([answer.status, answer.text]).toEqual([status, expect.stringContaining(words)]);
    const [seen] = service.pushes();
    expect(seen).toMatchObject({
      isTaken: false,
      endsAt: null,
      outcome: status,
      problem: expect.stringMatching(/\.$/),
    });
    expect([service.to(subscription.endpoint), service.shown()]).toEqual([[], []]);
    // It is not bound to a key by what was refused, and works.
    expect((await push(subscription)).status).toBe(201);
  });

  it('an endpoint that it does not know', async () => {
    const unknown = { ...subscription, endpoint: `${service.url}/push/unknown` };
    expect((await push(unknown)).status).toBe(404);
    expect((await fetch(`${service.url}/elsewhere`)).status).toBe(404);
    expect((await fetch(subscription.endpoint)).status).toBe(404);
  });

  it.each([
    ['google', 403, 'do not correspond to the credentials used to create the subscriptions'],
    ['apple', 400, '"reason":"VapidPkHashMismatch"'],
  ] as const)('another key than the first one, in the words of %s', async (keyMismatch, status, words) => {
    service.set({ keyMismatch });
    expect((await push(subscription)).status).toBe(201);
    const answer = await push(subscription, 'Hello', { vapidDetails: { subject: SUBJECT, ...OTHER } });
    expect([answer.status, answer.text]).toEqual([status, expect.stringContaining(words)]);
    expect((await push(subscription)).status).toBe(201);
  });

  it('a subject at localhost only until it is told to take it', async () => {
    const vapidDetails = { subject: 'mailto:push@localhost', ...KEYS };
    service.set({ isLocalSubjectAllowed: true });
    expect((await push(subscription, 'Hello', { vapidDetails })).status).toBe(201);
    service.set({ isLocalSubjectAllowed: false });
    expect((await push(subscription, 'Hello', { vapidDetails })).status).toBe(403);
  });

  it.each([
    ['an https: subject', claims({ sub: 'https://bellhop.example/contact' })],
    ['an expiry in 24 hours', claims({ exp: seconds() + 24 * 3_600 - 1 })],
    ['the largest topic', header('topic', 'aA0_-'.repeat(6).padEnd(32, 'x'))],
    ['parameters in quotes, the other way round', edited((text) => text.replace(/t=(.+), k=(.+)/, 'k="$2",t="$1"'))],
    ...['very-low', 'low', 'normal', 'high'].map((name): [string, Change] => [name, header('urgency', name)]),
  ])('nothing about %s', async (_, change) => {
    const request = requestFor(subscription);
    await change(request, subscription);
    expect((await send(subscription.endpoint, request)).status).toBe(201);
  });
});

function b64(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
