import { describe, expect, it } from '@jest/globals';
import { type DeviceOutcome, outcomeOfAnswer, outcomeOfDevices } from './outcome.js';

const NOW = new Date('2026-11-22T10:00:00Z');
const APPLE = '{"reason":"VapidPkHashMismatch"}';
const FCM =
  'the VAPID credentials in the authorization header do not correspond to the credentials used to create the subscriptions.';
const read = (status: number, body = '', retryAfter?: string, service: 'fcm' | 'wns' = 'fcm') =>
  outcomeOfAnswer(
    { status, headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter }, body },
    service,
    NOW,
  );

describe('an answer of a push service', () => {
  it.each([200, 201, 202, 204])('%i: taken', (status) => {
    expect(read(status)).toEqual({ kind: 'accepted', status });
  });

  it.each([404, 410])('%i: the subscription is gone', (status) => {
    expect(read(status, 'push subscription has unsubscribed or expired.')).toEqual({
      kind: 'gone',
      status,
      reason: `gone: ${status} push subscription has unsubscribed or expired.`,
    });
  });

  it('a subscription of another key, in the words of each', () => {
    expect(read(400, APPLE).kind).toBe('stale_key');
    expect(read(401, '{"code":401,"errno":109,"message":"VAPID public key mismatch"}').kind).toBe('stale_key');
    expect(read(403, FCM).kind).toBe('stale_key');
  });

  it.each([
    [400, 'refused'],
    [401, 'refuses_us'],
    [403, 'refuses_us'],
    [406, 'refused'],
    [408, 'not_sent'],
    [413, 'refused'],
    [429, 'throttled'],
    [500, 'unknown'],
    [502, 'unknown'],
    [503, 'throttled'],
    [301, 'refused'],
    [302, 'refused'],
    [0, 'refused'],
    [418, 'refused'],
  ])('%i: %s, and the subscription stays', (status, kind) => {
    expect(read(status).kind).toBe(kind);
  });

  it('406 is what WNS says where others say 429', () => {
    expect(read(406, '', '30', 'wns')).toMatchObject({ kind: 'throttled', retryAfterMs: 30_000 });
  });

  it('how long to wait: as it says, in seconds or as a date; else two minutes, or five seconds when it is down', () => {
    expect(read(429, '', '7')).toMatchObject({ retryAfterMs: 7_000 });
    expect(read(429, '', 'Sun, 22 Nov 2026 10:00:09 GMT')).toMatchObject({ retryAfterMs: 9_000 });
    expect(read(429)).toMatchObject({ retryAfterMs: 120_000 });
    expect(read(503)).toMatchObject({ retryAfterMs: 5_000 });
  });

  it.each(['a'.repeat(23), '<', '.', '!', 'https:', '@'])('made to be slow to read, it is not: %s', (piece) => {
    const begin = process.cpuUsage();
    read(400, `${piece}.`.repeat(4_096 / piece.length));
    const { user, system } = process.cpuUsage(begin);
    expect((user + system) / 1_000).toBeLessThan(50);
  });

  it('its words are kept short, without endpoints, tokens or addresses', () => {
    const body = `<b>Bad</b> https://fcm.googleapis.com/fcm/send/x eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.e30.abc ops@example.com\n${'x '.repeat(200)}`;
    const { reason } = read(400, body) as { reason: string };
    expect(reason).toMatch(/^refused: 400 Bad … … … x x/);
    expect(reason).not.toMatch(/eyJ|fcm|example/);
    expect(reason.length).toBeLessThan(140);
  });
});

describe('a delivery to several devices', () => {
  const gone: DeviceOutcome = { kind: 'gone', status: 410, reason: 'gone: 410' };
  const stale: DeviceOutcome = { kind: 'stale_key', status: 403, reason: 'stale_key: 403' };
  const taken: DeviceOutcome = { kind: 'accepted', status: 201 };
  const unknown: DeviceOutcome = { kind: 'unknown', status: null, cause: 'timed_out' };
  const notSent: DeviceOutcome = { kind: 'not_sent', status: null, cause: 'unreachable' };
  const refused: DeviceOutcome = { kind: 'refused', status: 413, reason: 'too_large: 413' };
  const ours: DeviceOutcome = { kind: 'refuses_us', status: 403, reason: 'keys_refused: 403' };
  const throttled = (retryAfterMs: number): DeviceOutcome => ({
    kind: 'throttled',
    status: 429,
    reason: 'throttled: 429',
    retryAfterMs,
  });

  it.each<[string, DeviceOutcome[], object]>([
    ['one that has it is enough', [gone, unknown, taken], { kind: 'accepted', ref: '1 of 3 devices' }],
    ['one that may have it: unknown', [throttled(5), unknown, refused], { kind: 'unknown', cause: 'timed_out' }],
    [
      'the service that opens first',
      [throttled(9), notSent, throttled(5)],
      { kind: 'throttled', retryAfterMs: 5, reason: 'throttled: 429', isForAll: true },
    ],
    [
      'our keys are refused: told to the operator',
      [ours, notSent],
      { kind: 'not_sent', cause: 'keys_refused: 403', isOurs: true },
    ],
    ['a connection that failed is tried again', [notSent, refused, gone], { kind: 'not_sent', cause: 'unreachable' }],
    ['refused by all', [refused, gone], { kind: 'refused', reason: 'too_large: 413', suppress: false }],
    ['all gone', [gone, stale], { kind: 'skipped', reason: 'no_device' }],
    ['none', [], { kind: 'skipped', reason: 'no_device' }],
  ])('%s', (_, devices, outcome) => {
    expect(outcomeOfDevices(devices)).toEqual(outcome);
    expect(outcomeOfDevices(devices.toReversed())).toEqual(outcome);
  });
});
