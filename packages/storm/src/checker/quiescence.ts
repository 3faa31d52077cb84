import type { Evidence } from './evidence.js';
import { isSettled } from './standing.js';
import { type Violation, violation } from './violation.js';

/** When nothing has happened for a while, nothing may be under way. */
export function stuck({ deliveries, ledger, consumers, frozenRequests }: Evidence): Violation[] {
  const found: Violation[] = [];
  for (const row of deliveries) {
    if (!isSettled(row)) {
      const says = `A delivery stays ${row.state} (${row.reason ?? 'no reason'}, ${row.tries} tries, ${row.unknowns} without an answer).`;
      found.push(violation('stuck', [row.id], says));
    } else if (row.isLeased) {
      found.push(violation('stuck', [row.id], `A delivery that is ${row.state} is still leased.`));
    }
  }
  for (const { service, eventId, type, stream } of ledger) {
    if (stream === null) found.push(violation('stuck', [eventId], `${type} stays unpublished in ${service}.`));
  }
  for (const { stream, consumer, pending, unacknowledged } of consumers) {
    if (pending + unacknowledged === 0) continue;
    const says = `${consumer} leaves ${pending} messages of ${stream} unread and ${unacknowledged} unacknowledged.`;
    found.push(violation('stuck', [stream], says));
  }
  // One that belongs to an unsettled delivery is named above; the rest should have been wiped.
  if (frozenRequests > 0 && deliveries.every(isSettled)) {
    found.push(violation('stuck', [], `${frozenRequests} sealed requests are left, though everything is settled.`));
  }
  return found;
}

/** Whatever happens around a process, it ends by being told to. */
export function crashed({ unexpectedEnds = [] }: Evidence): Violation[] {
  return unexpectedEnds.map(({ process, lastLines }) =>
    violation('crashed', [process], `${process} ended by itself. It said: ${lastLines}`),
  );
}
