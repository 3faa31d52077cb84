import type { TicketView } from '@bellhop/contracts/http';

/** Whose turn it is, and by when, as the requester is told. */
export interface Turn {
  readonly isYourTurn: boolean;
  /** An ISO time; null: no time was said. */
  readonly answerBy: string | null;
}

/**
 * The requester's turn is a ticket that waits for them, by when the newest question said; ours is an open one, by when we promised. Of
 * all others nobody has to do anything.
 *
 * @param neededBy the due time of the newest information request
 */
export function turnOf({ status, promise }: Pick<TicketView, 'status' | 'promise'>, neededBy: Date | null): Turn {
  const isYourTurn = status === 'waiting';
  if (isYourTurn) return { isYourTurn, answerBy: neededBy?.toISOString() ?? null };
  return { isYourTurn, answerBy: status === 'open' ? (promise?.at ?? null) : null };
}
