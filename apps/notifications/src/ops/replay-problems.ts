import type { DeliveryState } from '@bellhop/contracts/http';
import { Problem } from '@bellhop/service';

export function deliveryNotFound(): Problem {
  const detail = 'Settled deliveries are forgotten after 30 days. List them, or ask for an explanation of their event.';
  return new Problem(404, 'delivery_not_found', 'No such delivery', detail);
}

export function busy(): Problem {
  const detail = 'It is being sent at this moment. Look again in a minute: what became of it will be known then.';
  return new Problem(409, 'delivery_busy', 'The delivery is on its way', detail, { headers: { 'retry-after': '60' } });
}

/** Unlike everything else a code cannot be made again: whoever needs one asks for another. */
export function codeWiped(): Problem {
  const detail =
    'A one-time code is wiped as soon as its delivery is settled or it expires, and rests nowhere else. ' +
    'The guest asks for a new code on the page.';
  return new Problem(409, 'code_wiped', 'There is no code to send any more', detail);
}

/** Why a delivery in this state is not replayed, if so. */
export function refusalOf(state: DeliveryState, isAgain: boolean): Problem | null {
  if (state === 'leased' || state === 'sending') return busy();
  if (state === 'pending') {
    const detail = 'It waits for its quiet window, see `dueAt`, and goes by itself. Nothing is stuck.';
    return new Problem(409, 'delivery_pending', 'The delivery waits for its time', detail);
  }
  if (state === 'accepted' && !isAgain) {
    const detail = 'The provider took it. To send a second mail on purpose, say `isAgain: true`.';
    return new Problem(409, 'delivery_accepted', 'The delivery was accepted', detail);
  }
  return null;
}
