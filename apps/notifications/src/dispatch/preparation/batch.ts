import type { ChannelRequest } from '../../channels/channel.js';
import type { LeasedDelivery } from '../delivery.js';

/** One request to the provider. Its id is the key under which the provider knows it. */
export interface Batch {
  readonly id: string;
  /** What is sent, in this order. A repeated batch may hold more than its members: some of it may be settled. */
  readonly items: readonly ChannelRequest[];
  /** The deliveries that we hold, and whose outcome is recorded. */
  readonly members: readonly LeasedDelivery[];
  /** What rests in the database; null when it rests there already. */
  readonly sealed: Buffer | null;
  /** An earlier attempt got no answer: it goes whole, whoever of it we hold. */
  readonly isRepeat: boolean;
}

/** A delivery that may go, with its frozen request. */
export interface Ready {
  readonly delivery: LeasedDelivery;
  readonly bytes: Buffer;
}

/** An earlier batch that was definitely not taken. */
export interface FormerBatch {
  readonly id: string;
  readonly items: readonly ChannelRequest[];
}

export interface Grouping {
  /** Complete again: these go as they went, under the same key. */
  readonly kept: readonly { readonly id: string; readonly ready: readonly Ready[] }[];
  /** New batches. Their requests are unchanged, their keys are not. */
  readonly fresh: readonly (readonly Ready[])[];
}

/**
 * Puts deliveries together into requests. Pure. The order is kept, so what is urgent comes first.
 * @param ready deliveries of which the provider certainly has none
 */
export function group(ready: readonly Ready[], former: ReadonlyMap<string, FormerBatch>, maxBatch: number): Grouping {
  const kept: Grouping['kept'][number][] = [];
  const rest: Ready[] = [];
  for (const [batchId, members] of byBatch(ready, ({ delivery }) => delivery)) {
    const batch = batchId === null ? undefined : former.get(batchId);
    if (batch && isComplete(batch, members, maxBatch)) kept.push({ id: batch.id, ready: inOrderOf(batch, members) });
    else rest.push(...members);
  }
  return { kept, fresh: chunks(rest, maxBatch) };
}

/** By the batch that each went with before, null for those that never went. In order of first appearance. */
export function byBatch<T>(list: readonly T[], deliveryOf: (one: T) => LeasedDelivery): Map<string | null, T[]> {
  const groups = new Map<string | null, T[]>();
  for (const one of list) {
    const { batchId } = deliveryOf(one);
    const group = groups.get(batchId);
    if (group) group.push(one);
    else groups.set(batchId, [one]);
  }
  return groups;
}

function isComplete(batch: FormerBatch, members: readonly Ready[], maxBatch: number): boolean {
  const isAllowed = members.length === 1 || !members.some(({ delivery }) => delivery.isAlone);
  return members.length === batch.items.length && members.length <= maxBatch && isAllowed;
}

function inOrderOf(batch: FormerBatch, members: readonly Ready[]): Ready[] {
  const byId = new Map(members.map((one) => [one.delivery.id, one]));
  return batch.items.map(({ deliveryId }) => byId.get(deliveryId)).filter((one) => one !== undefined);
}

function chunks(ready: readonly Ready[], maxBatch: number): Ready[][] {
  const alone = ready.filter(({ delivery }) => delivery.isAlone);
  const others = ready.filter(({ delivery }) => !delivery.isAlone);
  const shared = Array.from({ length: Math.ceil(others.length / maxBatch) }, (_, index) =>
    others.slice(index * maxBatch, (index + 1) * maxBatch),
  );
  return [...shared, ...alone.map((one) => [one])];
}
