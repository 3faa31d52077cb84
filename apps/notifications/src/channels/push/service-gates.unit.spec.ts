import { beforeEach, describe, expect, it } from '@jest/globals';
import { ServiceGates } from './service-gates.js';

let now = 0;
let gates: ServiceGates;
beforeEach(() => {
  now = 1_000;
  gates = new ServiceGates(() => now);
});

describe('a service that throttles us', () => {
  it('is left alone as a whole for as long as it says, and no other', () => {
    gates.throttled('fcm', 30_000);
    expect(gates.enter('fcm')).toBe(30_000);
    expect(gates.enter('mozilla')).toBeNull();
    gates.throttled('fcm', 5_000);
    now += 29_999;
    expect(gates.enter('fcm')).toBe(1);
    now += 1;
    expect([gates.enter('fcm'), gates.enter('fcm')]).toEqual([null, null]);
  });

  it('is asked again after an hour at most', () => {
    gates.throttled('apple', 86_400_000);
    expect(gates.enter('apple')).toBe(3_600_000);
  });
});

describe('a service that refuses our keys', () => {
  it('is tried again by one push at a time, more and more seldom, until it takes one', () => {
    expect(gates.enter('apple')).toBeNull();
    gates.refused('apple', false);
    for (const waitMs of [60_000, 120_000, 240_000, 480_000, 900_000, 900_000]) {
      expect(gates.enter('apple')).toBe(waitMs);
      now += waitMs;
      expect(gates.enter('apple')).toBeNull();
      expect(gates.enter('apple')).toBe(1_000);
      gates.refused('apple', false);
    }
    now += 900_000;
    expect(gates.enter('apple')).toBeNull();
    gates.accepted('apple');
    expect([gates.enter('apple'), gates.enter('apple')]).toEqual([null, null]);
  });

  it('what was under way together opens it once', () => {
    for (const wasServed of [true, true, false]) gates.refused('fcm', wasServed);
    expect(gates.enter('fcm')).toBe(60_000);
  });

  it('a try without an answer lets the next one try', () => {
    gates.refused('fcm', true);
    now += 60_000;
    expect(gates.enter('fcm')).toBeNull();
    gates.undecided('fcm');
    expect(gates.enter('fcm')).toBeNull();
  });

  it('a stranger whose device answers 403 stops nobody, as long as others are taken', () => {
    gates.accepted('mozilla');
    for (let times = 0; times < 100; times++) gates.refused('mozilla', false);
    expect(gates.enter('mozilla')).toBeNull();
    gates.refused('mozilla', true);
    expect(gates.enter('mozilla')).toBe(60_000);
  });
});
