import type { TicketView } from '@bellhop/contracts/http';

/** Whose turn it is. `solved` and `closed`: nobody's. */
export type Side = 'yours' | 'ours' | 'solved' | 'closed';

/** Ids of messages: `sentence` for the page of the ticket, `label` for a row of a list. Both may name {by}. */
export interface Turn {
  readonly side: Side;
  readonly sentence: TurnSentence;
  readonly label: TurnLabel;
  /** By when, ISO 8601; null where no time was named. */
  readonly by: string | null;
}

type TurnSentence =
  | 'turn.prove'
  | 'turn.yours'
  | 'turn.yoursBy'
  | 'turn.yoursLate'
  | 'turn.ours'
  | 'turn.oursBy'
  | 'turn.oursLate'
  | 'turn.solved'
  | 'turn.closed';
type TurnLabel = 'label.yours' | 'label.ours' | 'label.solved' | 'label.closed';

/** The part of a ticket that says whose turn it is. */
export type Turned = Pick<TicketView, 'status' | 'promise'> & { answerBy?: string | null };

/**
 * What the requester is told. Never the desk's word for it: what waits for the desk is "open" to both, what is `waiting` waits for the
 * requester.
 *
 * | status     | no time        | time ahead      | time passed      |
 * |------------|----------------|-----------------|------------------|
 * | unverified | prove          | prove           | prove            |
 * | waiting    | yours          | yours, by       | yours, late      |
 * | open       | ours           | ours, by        | ours, late       |
 * | resolved   | solved         | solved          | solved           |
 * | closed     | closed         | closed          | closed           |
 */
export function turnOf(ticket: Turned, now: Date): Turn {
  const by = ticket.answerBy ?? ticket.promise?.at ?? null;
  const when = by === null ? '' : new Date(by) > now ? 'By' : 'Late';
  switch (ticket.status) {
    case 'unverified':
      return { side: 'yours', sentence: 'turn.prove', label: 'label.yours', by: null };
    case 'waiting':
      return { side: 'yours', sentence: `turn.yours${when}`, label: 'label.yours', by };
    case 'open':
      return { side: 'ours', sentence: `turn.ours${when}`, label: 'label.ours', by };
    case 'resolved':
      return { side: 'solved', sentence: 'turn.solved', label: 'label.solved', by: null };
    case 'closed':
      return { side: 'closed', sentence: 'turn.closed', label: 'label.closed', by: null };
  }
}
