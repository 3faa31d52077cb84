import type { Evidence } from './evidence.js';
import { grouped, isSettled } from './evidence-index.js';
import { type Violation, violation } from './violation.js';

/** Streams that only our services publish to: `Nats-Msg-Id` prevents duplicates there. */
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

/** Every event marked as published is in its stream, also after the stream lost its end. */
export function streamLoss({ ledger, streams }: Evidence): Violation[] {
  const stored = new Set(OURS.flatMap((stream) => streams[stream].map(({ eventId }) => `${stream} ${eventId}`)));
  return ledger.flatMap(({ service, stream, eventId, type }) => {
    if (stream === null || !OURS.includes(stream as (typeof OURS)[number])) return [];
    if (stored.has(`${stream} ${eventId}`)) return [];
    return [
      violation('stream_loss', [eventId], `${type} is marked as published by ${service} but is not in ${stream}.`),
    ];
  });
}

/** The outcome of each delivery is published exactly once. */
export function outcomeUnpublished({ deliveries, ledger }: Evidence): Violation[] {
  const ends = new Set(['accepted', 'dead', 'skipped'].map((state) => `notification.${state}.v1`));
  const published = grouped(
    ledger.filter(({ type, deliveryId }) => deliveryId !== undefined && ends.has(type)),
    ({ deliveryId }) => deliveryId ?? '',
  );
  // A mail that a guest requested, such as a code, is about no event, and its outcome is not published.
  const alerts = deliveries.filter((row) => isSettled(row) && row.eventIds.length > 0);
  return alerts.flatMap(({ id, state }) => {
    const types = (published.get(id) ?? []).map(({ type }) => type);
    // A late answer may turn `dead` into `accepted`: then both are published, in this order.
    const isCorrected = types.length === 2 && types[0] === 'notification.dead.v1' && state === 'accepted';
    if (types.at(-1) === `notification.${state}.v1` && (types.length === 1 || isCorrected)) return [];
    return [
      violation('outcome_unpublished', [id], `A delivery is ${state}; published: ${types.join(', ') || 'nothing'}.`),
    ];
  });
}

/** Only events that cannot be used become dead letters. */
export function deadLettered({ streams, expectedDeadLetters }: Evidence): Violation[] {
  const expected = new Set(expectedDeadLetters);
  return streams.DEAD_LETTERS.filter(({ eventId }) => !expected.has(eventId)).map(({ eventId, subject }) =>
    violation('dead_lettered', [eventId], `A good event was dead-lettered as ${subject}.`),
  );
}

/** Every webhook of the provider is applied to its delivery. */
export function feedback({ feedback: reports = [], deliveries }: Evidence): Violation[] {
  const rows = new Map(deliveries.map((row) => [row.id, row]));
  return reports.flatMap(({ deliveryId, state, isTaken }) => {
    if (!isTaken) return [violation('feedback', [deliveryId], `The provider gave up reporting ${state}.`)];
    const recorded = rows.get(deliveryId)?.feedback ?? null;
    // A worse report replaces `delivered`.
    if (recorded === state || (recorded !== null && state === 'delivered')) return [];
    const says = `The provider reported ${state}; the delivery has ${recorded ?? 'nothing'}.`;
    return [violation('feedback', [deliveryId], says)];
  });
}
