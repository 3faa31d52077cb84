import type { Evidence } from './evidence.js';
import { grouped, isSettled } from './standing.js';
import { type Violation, violation } from './violation.js';

/** Streams whose only publisher is ourselves: `Nats-Msg-Id` keeps an event from being stored twice. */
const OURS = ['TICKETS', 'GUESTS', 'NOTIFICATIONS'] as const;

export function streamDuplicate({ streams }: Evidence): Violation[] {
  return OURS.flatMap((stream) =>
    [...grouped(streams[stream], ({ eventId }) => eventId)].flatMap(([eventId, copies]) => {
      if (copies.length === 1) return [];
      const places = copies.map(({ sequence }) => sequence).join(', ');
      return [violation('stream_duplicate', [eventId], `${stream} holds one event at the sequences ${places}.`)];
    }),
  );
}

/** What the ledger calls published is in the stream, also after the stream lost its end. */
export function streamLoss({ ledger, streams }: Evidence): Violation[] {
  const stored = new Set(OURS.flatMap((stream) => streams[stream].map(({ eventId }) => `${stream} ${eventId}`)));
  return ledger.flatMap(({ service, stream, eventId, type }) => {
    if (stream === null || !OURS.includes(stream as (typeof OURS)[number])) return [];
    if (stored.has(`${stream} ${eventId}`)) return [];
    return [violation('stream_loss', [eventId], `${service} calls ${type} published; it is not in ${stream}.`)];
  });
}

/** What became of each delivery is told to other systems exactly once. */
export function untold({ deliveries, ledger }: Evidence): Violation[] {
  const ends = new Set(['accepted', 'dead', 'skipped'].map((state) => `notification.${state}.v1`));
  const told = grouped(
    ledger.filter(({ type, deliveryId }) => deliveryId !== undefined && ends.has(type)),
    ({ deliveryId }) => deliveryId ?? '',
  );
  // A mail that a guest asked for, such as a code, tells of no event and is nobody else's business.
  const telling = deliveries.filter((row) => isSettled(row) && row.eventIds.length > 0);
  return telling.flatMap(({ id, state }) => {
    const types = (told.get(id) ?? []).map(({ type }) => type);
    // A late answer may turn `dead` into `accepted`: then both were told, in this order.
    const isCorrected = types.length === 2 && types[0] === 'notification.dead.v1' && state === 'accepted';
    if (types.at(-1) === `notification.${state}.v1` && (types.length === 1 || isCorrected)) return [];
    return [violation('untold', [id], `A delivery is ${state}; told was: ${types.join(', ') || 'nothing'}.`)];
  });
}

/** Dead letters are for what cannot be used, and for nothing else. */
export function parked({ streams, expectedDeadLetters }: Evidence): Violation[] {
  const expected = new Set(expectedDeadLetters);
  return streams.DEAD_LETTERS.filter(({ eventId }) => !expected.has(eventId)).map(({ eventId, subject }) =>
    violation('parked', [eventId], `A good event was parked as ${subject}.`),
  );
}

/** A provider's webhook reaches the delivery that it speaks of. */
export function feedback({ feedback: said = [], deliveries }: Evidence): Violation[] {
  const rows = new Map(deliveries.map((row) => [row.id, row]));
  return said.flatMap(({ deliveryId, state, isTaken }) => {
    if (!isTaken) return [violation('feedback', [deliveryId], `The provider gave up telling us of ${state}.`)];
    const known = rows.get(deliveryId)?.feedback ?? null;
    // What is worse, and came later, stands.
    if (known === state || (known !== null && state === 'delivered')) return [];
    const says = `The provider said ${state}; the delivery knows ${known ?? 'nothing'}.`;
    return [violation('feedback', [deliveryId], says)];
  });
}
