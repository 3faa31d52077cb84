import type { ChannelRequest, Provider } from '../../channels/channel.js';
import type { LeasedDelivery } from '../delivery.js';

/** One request to the provider. Its id is the provider's idempotency key. */
export interface Batch {
  readonly id: string;
  readonly provider: Provider;
  /** What is sent, in this order. A repeated batch may hold more than its members: others may be settled. */
  readonly items: readonly ChannelRequest[];
  /** The deliveries whose leases we hold: their outcomes are recorded. */
  readonly members: readonly LeasedDelivery[];
  /** The encrypted request to store; null when it is stored already. */
  readonly sealed: Buffer | null;
  /** An earlier attempt got no answer: it is sent whole, even if we hold only some of its deliveries. */
  readonly isRepeat: boolean;
}

/** An earlier attempt of it may have arrived: no other provider may send it. */
export function isBound({ members }: Batch): boolean {
  return members.some(({ unknowns }) => unknowns > 0);
}

/** A guest waits for it in front of a page. Each such delivery has a batch of its own. */
export function isRequested({ members }: Batch): boolean {
  return members.some(({ requestId }) => requestId !== null);
}

/** A delivery that may be sent, with its frozen request. */
export interface Ready {
  readonly delivery: LeasedDelivery;
  readonly bytes: Buffer;
}

/** An earlier batch that the provider certainly did not take. */
export interface FormerBatch {
  readonly id: string;
  readonly items: readonly ChannelRequest[];
}

export interface Grouping {
  /** Complete again: these are sent unchanged, under the same key. */
  readonly kept: readonly { readonly id: string; readonly ready: readonly Ready[] }[];
  /** New batches. Their requests are unchanged, their keys are not. */
  readonly fresh: readonly (readonly Ready[])[];
}

/**
 * Groups deliveries into requests. Pure. The order is kept, so urgent ones come first.
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

/** By the batch of the last attempt, null for those without one. In order of first appearance. */
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
