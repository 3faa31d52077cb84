import type { TicketResponse } from '@bellhop/contracts/http';

/**
 * What a page knows of a conversation after it was read again. Answers of the service hold the newest messages only: those that were
 * loaded before them stay, unless there is a gap between the two.
 */
export function readAgain(known: TicketResponse | undefined, fresh: TicketResponse): TicketResponse {
  if (!known) return fresh;
  // Two requests may overtake each other.
  if (fresh.ticket.version < known.ticket.version) return known;
  const ids = new Set(fresh.messages.map(({ id }) => id));
  const isJoined = known.messages.some(({ id }) => ids.has(id));
  if (!isJoined) return fresh;
  const { messages, timeline } = joined(known, fresh);
  return { ...fresh, messages, timeline, earlier: known.earlier ?? null };
}

/** With the messages before the first one that is known. */
export function withEarlier(known: TicketResponse, earlier: TicketResponse): TicketResponse {
  return { ...known, ...joined(earlier, known), earlier: earlier.earlier ?? null };
}

/** Oldest first, each once; of two the newer reading. */
function joined(before: TicketResponse, after: TicketResponse): Pick<TicketResponse, 'messages' | 'timeline'> {
  const messages = new Map([...before.messages, ...after.messages].map((message) => [message.id, message]));
  const timeline = new Map(
    [...before.timeline, ...after.timeline].map((entry) => [`${entry.at} ${entry.type}`, entry]),
  );
  return {
    messages: [...messages.values()].sort(byTime((message) => message.createdAt)),
    timeline: [...timeline.values()].sort(byTime((entry) => entry.at)),
  };
}

function byTime<T>(timeOf: (item: T) => string): (one: T, other: T) => number {
  return (one, other) => Date.parse(timeOf(one)) - Date.parse(timeOf(other));
}
