import type { DedicatedConnection } from '@bellhop/postgres';
import { readLedgerAt } from '../sql/read-ledger-at.js';
import type { InspectedStream, StreamInspector } from './ports.js';

/**
 * The highest sequence of the ledger at which the stream still holds the ledger's event, or null when the ledger has no
 * event in this stream at all. The stream's own last sequence does not tell: events in flight while NATS was lost may be
 * stored by now, at the sequences of lost events.
 *
 * A binary search, about 20 requests for a million events: a stream loses events from its end only. An event that a person
 * deleted counts as lost; then more events are published again than needed, and readers drop the copies.
 *
 * @param isOther the stream was recreated, so events before its first sequence may be lost as well
 */
export async function survivingEnd(
  session: DedicatedConnection,
  inspector: StreamInspector,
  stream: string,
  state: InspectedStream,
  isOther: boolean,
): Promise<number | null> {
  const newest = await readLedgerAt(session, stream, 0, Number.MAX_SAFE_INTEGER);
  if (!newest) return null;
  // Events removed by `max_age` were stored. Above the end there is nothing.
  let low = isOther ? 0 : state.firstSequence - 1;
  let high = Math.min(state.lastSequence, newest.sequence);
  while (low < high) {
    const middle = low + Math.ceil((high - low) / 2);
    const place = await readLedgerAt(session, stream, low, middle);
    if (!place) low = middle;
    else if (await isThere(inspector, stream, place)) low = middle;
    else high = place.sequence - 1;
  }
  return (await readLedgerAt(session, stream, 0, low))?.sequence ?? 0;
}

async function isThere(
  inspector: StreamInspector,
  stream: string,
  { sequence, eventIds }: { sequence: number; eventIds: string[] },
): Promise<boolean> {
  const stored = await inspector.idAt(stream, sequence);
  return eventIds.every((id) => id === stored);
}
