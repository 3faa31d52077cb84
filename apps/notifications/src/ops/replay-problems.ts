import type { DeliveryState } from '@bellhop/contracts/http';
import { Problem } from '@bellhop/http';

export function deliveryNotFound(): Problem {
  const detail =
    'Settled deliveries are deleted after 30 days. List the deliveries, or ask for an explanation of the event.';
  return new Problem(404, 'delivery_not_found', 'No such delivery', detail);
}

export function busy(): Problem {
  const detail = 'It is being sent at this moment. Read it again in a minute: its outcome will be known then.';
  return new Problem(409, 'delivery_busy', 'The delivery is on its way', detail, { headers: { 'retry-after': '60' } });
}

/** Only a code cannot be composed again: the guest requests another one. */
export function codeWiped(): Problem {
  const detail =
    'A one-time code is wiped as soon as its delivery is settled or it expires, and is stored nowhere else. ' +
    'The guest requests a new code on the page.';
  return new Problem(409, 'code_wiped', 'There is no code to send any more', detail);
}

/** Why a delivery in this state is not replayed; null if it is. */
export function refusalOf(state: DeliveryState, isAgain: boolean): Problem | null {
  if (state === 'leased' || state === 'sending') return busy();
  if (state === 'pending') {
    const detail = 'It waits for its digest window until `dueAt`, and is sent then. Nothing is stuck.';
    return new Problem(409, 'delivery_pending', 'The delivery waits for its time', detail);
  }
  if (state === 'accepted' && !isAgain) {
    const detail = 'The provider accepted it. To send a second mail on purpose, set `isAgain: true`.';
    return new Problem(409, 'delivery_accepted', 'The delivery was accepted', detail);
  }
  return null;
}
