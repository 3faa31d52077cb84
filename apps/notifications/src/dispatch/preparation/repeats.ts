import type { Channel } from '../../channels/channel.js';
import type { LeasedDelivery } from '../delivery.js';
import type { Result } from '../outcomes/outcome-recorder.js';
import { type Batch, byBatch } from './batch.js';
import type { FormerRequest } from './former-requests.js';
import type { PreSendState } from './load-pre-send-state.js';
import { preSendCheck } from './pre-send-check.js';
import { providerOf } from './provider-of.js';

/** A delivery that is settled without another attempt. */
export interface Settled {
  readonly delivery: LeasedDelivery;
  readonly result: Result;
}

interface Repeats {
  readonly batches: readonly Batch[];
  readonly settled: readonly Settled[];
}

/**
 * What becomes of deliveries whose last attempt got no answer from a provider that recognises a repeated key, or that is not configured
 * any more. Pure. A batch is repeated whole, also with deliveries that were settled meanwhile: the key stands for all of it. It is given
 * up only when none of those that wait may be sent any more. A delivery that a webhook has reported as accepted is not repeated.
 */
export function repeatsOf(
  channel: Channel,
  unanswered: readonly LeasedDelivery[],
  states: ReadonlyMap<string, PreSendState>,
  former: ReadonlyMap<string, FormerRequest>,
): Repeats {
  const batches: Batch[] = [];
  const settled: Settled[] = [];
  for (const [batchId, deliveries] of byBatch(unanswered, (delivery) => delivery)) {
    const members = deliveries.filter(({ providerRef }) => !providerRef);
    for (const delivery of deliveries) {
      if (delivery.providerRef) settled.push({ delivery, result: { state: 'accepted', ref: delivery.providerRef } });
    }
    if (members.length === 0) continue;
    const request = batchId === null ? undefined : former.get(batchId);
    const provider = members[0] && providerOf(channel, members[0]);
    const mayGo = members.some((delivery) => {
      const state = states.get(delivery.id);
      return state && preSendCheck(delivery, state, channel, new Map()).kind !== 'skip';
    });
    if (provider && request?.kind === 'open' && request.hasLiveKey && request.format === provider.format && mayGo) {
      batches.push({ id: request.id, provider, items: request.items, members, sealed: null, isRepeat: true });
    } else {
      const result: Result = request?.kind === 'failed' ? request.result : { state: 'dead', reason: 'no_answer' };
      settled.push(...members.map((delivery) => ({ delivery, result })));
    }
  }
  return { batches, settled };
}
