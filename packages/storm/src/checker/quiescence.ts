import type { Evidence } from './evidence.js';
import { isSettled } from './evidence-index.js';
import { type Violation, violation } from './violation.js';

/** When the system is quiet, nothing may be unfinished. */
export function stuck({ deliveries, ledger, consumers, frozenRequests, restarts = 0 }: Evidence): Violation[] {
  const found: Violation[] = [];
  for (const row of deliveries) {
    if (!isSettled(row)) {
      const says = `A delivery stays ${row.state} (${row.reason ?? 'no reason'}, ${row.tries} attempts, ${row.unknowns} unanswered).`;
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
  // Requests of unsettled deliveries are reported above; all others should have been wiped. A process that is killed between taking deliveries
  // into a new batch and deleting the old one leaves that to the purge.
  if (frozenRequests > restarts && deliveries.every(isSettled)) {
    found.push(violation('stuck', [], `${frozenRequests} encrypted requests are left, though everything is settled.`));
  }
  return found;
}

/** No process ends by itself, whatever happens around it. */
export function crashed({ unexpectedEnds = [] }: Evidence): Violation[] {
  return unexpectedEnds.map(({ process, lastLines }) =>
    violation('crashed', [process], `${process} ended by itself. Its last lines: ${lastLines}`),
  );
}
