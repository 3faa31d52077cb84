import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { LeasedDelivery } from '../delivery.js';
import { type FormerBatch, group, type Ready } from './batch.js';

const ready = (id: string, over: Partial<LeasedDelivery> = {}): Ready => ({
  delivery: { id, batchId: null, isAlone: false, ...over } as LeasedDelivery,
  bytes: Buffer.from(id),
});
const former = (id: string, ...members: string[]): [string, FormerBatch] => [
  id,
  { id, items: members.map((deliveryId) => ({ deliveryId, bytes: Buffer.from(deliveryId) })) },
];
const idsOf = (list: readonly Ready[]) => list.map(({ delivery }) => delivery.id);

describe('grouping deliveries into requests', () => {
  it('fills batches in order, so that urgent deliveries come first', () => {
    const { kept, fresh } = group([ready('a'), ready('b'), ready('c')], new Map(), 2);
    expect(kept).toEqual([]);
    expect(fresh.map(idsOf)).toEqual([['a', 'b'], ['c']]);
  });

  it('repeats a batch that is complete again, in its own order', () => {
    const list = [ready('b', { batchId: 'K' }), ready('x'), ready('a', { batchId: 'K' })];
    const { kept, fresh } = group(list, new Map([former('K', 'a', 'b')]), 100);
    expect(kept.map((one) => [one.id, ...idsOf(one.ready)])).toEqual([['K', 'a', 'b']]);
    expect(fresh.map(idsOf)).toEqual([['x']]);
  });

  it('splits a batch with a missing delivery, since one key must not stand for two requests', () => {
    const { kept, fresh } = group([ready('a', { batchId: 'K' }), ready('x')], new Map([former('K', 'a', 'b')]), 100);
    expect(kept).toEqual([]);
    expect(fresh.map(idsOf)).toEqual([['a', 'x']]);
  });

  it('sends each delivery of a batch that was refused as a whole by itself', () => {
    const list = [ready('a', { batchId: 'K', isAlone: true }), ready('x'), ready('b', { batchId: 'K', isAlone: true })];
    const { kept, fresh } = group(list, new Map([former('K', 'a', 'b')]), 100);
    expect(kept).toEqual([]);
    expect(fresh.map(idsOf)).toEqual([['x'], ['a'], ['b']]);
  });

  it('keeps the request of a delivery that is sent by itself', () => {
    const { kept } = group([ready('a', { batchId: 'K', isAlone: true })], new Map([former('K', 'a')]), 100);
    expect(kept.map(({ id }) => id)).toEqual(['K']);
  });

  it('makes new requests when the old one is no longer stored, or is too large for this channel', () => {
    const list = [ready('a', { batchId: 'gone' }), ready('b', { batchId: 'K' }), ready('c', { batchId: 'K' })];
    const { kept, fresh } = group(list, new Map([former('K', 'b', 'c')]), 1);
    expect(kept).toEqual([]);
    expect(fresh.map(idsOf)).toEqual([['a'], ['b'], ['c']]);
  });

  it('loses no delivery, doubles none, and never exceeds the size', () => {
    const one = fc.record({ batch: fc.constantFrom(null, 'K', 'L'), isAlone: fc.boolean() });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 40 }), fc.integer({ min: 1, max: 7 }), (list, maxBatch) => {
        const all = list.map(({ batch, isAlone }, index) => ready(`d${index}`, { batchId: batch, isAlone }));
        const membersOf = (batch: string) => idsOf(all.filter(({ delivery }) => delivery.batchId === batch));
        const known = new Map(['K', 'L'].map((batch) => former(batch, ...membersOf(batch))));
        const { kept, fresh } = group(all, known, maxBatch);
        const requests = [...kept.map(({ ready: members }) => members), ...fresh];
        expect(requests.flatMap(idsOf).sort()).toEqual(idsOf(all).sort());
        for (const members of requests) {
          expect(members.length).toBeGreaterThan(0);
          expect(members.length).toBeLessThanOrEqual(maxBatch);
          if (members.length > 1) expect(members.every(({ delivery }) => !delivery.isAlone)).toBe(true);
        }
      }),
    );
  });
});
