import type { TicketResponse } from '@bellhop/contracts/http';
import { describe, expect, it } from '@jest/globals';
import { readAgain, withEarlier } from './conversation.js';

const at = (n: number) => new Date(Date.UTC(2026, 10, 30, 12, n)).toISOString();
const message = (n: number): TicketResponse['messages'][number] => ({
  id: `m${n}`,
  author: 'agent',
  kind: 'message',
  body: `${n}`,
  attachments: [],
  createdAt: at(n),
});
/** Messages `from` to `to`, as the service gives them at `version`. */
function conversation(from: number, to: number, version: number, earlier: string | null = null): TicketResponse {
  const messages = Array.from({ length: to - from + 1 }, (_, index) => message(from + index));
  const timeline = messages.map(({ createdAt }) => ({ type: 'replied', at: createdAt, by: 'agent' as const }));
  return { ticket: { version } as TicketResponse['ticket'], messages, timeline, earlier, firstUnreadMessageId: null };
}
const ids = ({ messages }: TicketResponse) => messages.map(({ id }) => id);

describe('a conversation that is read again', () => {
  it('keeps the messages that were loaded before those of the answer', () => {
    const known = withEarlier(conversation(3, 4, 4, 'c'), conversation(1, 2, 4));
    const now = readAgain(known, conversation(4, 5, 5, 'c'));
    expect(ids(now)).toEqual(['m1', 'm2', 'm3', 'm4', 'm5']);
    expect(now.timeline).toHaveLength(5);
    expect(now.earlier).toBeNull();
  });

  it('begins anew where messages between the two were never read', () => {
    const now = readAgain(conversation(1, 2, 2), conversation(4, 5, 5, 'c'));
    expect(ids(now)).toEqual(['m4', 'm5']);
    expect(now.earlier).toBe('c');
  });

  it('does not go back when answers overtake each other', () => {
    const now = readAgain(conversation(1, 3, 3), conversation(1, 2, 2));
    expect([now.ticket.version, ids(now)]).toEqual([3, ['m1', 'm2', 'm3']]);
  });
});
