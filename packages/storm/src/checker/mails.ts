import type { DeliveryRow, Evidence } from './evidence.js';
import { type EvidenceIndex, grouped } from './evidence-index.js';
import { type Violation, violation } from './violation.js';

/** One mail or entry per delivery, one executed request per key, one delivery per event and person. */
export function notifiedTwice(evidence: Evidence, index: EvidenceIndex): Violation[] {
  return [...copies(evidence, index), ...keys(evidence), ...events(evidence, index)];
}

/** Over SMTP each unanswered attempt may have arrived: that many more copies are explained, and counted. */
function copies({ provider }: Evidence, index: EvidenceIndex): Violation[] {
  return [...index.deliveries.values()].flatMap((delivery) => {
    const count = index.mails.get(delivery.id)?.length ?? 0;
    const allowed = 1 + (provider === 'smtp' && delivery.channel === 'email' ? delivery.unknowns : 0);
    if (count <= allowed) return [];
    const says = `${delivery.address} got ${count} mails of one delivery (${delivery.unknowns} unanswered attempts).`;
    return [violation('notified_twice', [delivery.id], says)];
  });
}

function keys({ mails }: Evidence): Violation[] {
  const keyed = mails.filter(({ key }) => key !== undefined);
  return [...grouped(keyed, ({ key }) => key ?? '')].flatMap(([key, group]) => {
    const requests = new Set(group.map(({ request }) => request));
    if (requests.size <= 1) return [];
    return [violation('notified_twice', [key], `${requests.size} requests were executed under one idempotency key.`)];
  });
}

function events({ deliveries }: Evidence, index: EvidenceIndex): Violation[] {
  const delivered = deliveries.filter((row) => index.isDelivered(row));
  const notifications = delivered.flatMap((row) => row.eventIds.map((eventId) => ({ row, eventId })));
  const key = ({ row, eventId }: { row: DeliveryRow; eventId: string }) =>
    `${row.system} ${eventId} ${row.recipientKey} ${row.channel}`;
  return [...grouped(notifications, key).values()].flatMap((group) => {
    const ids = new Set(group.map(({ row }) => row.id));
    const [first] = group;
    if (!first || ids.size <= 1) return [];
    const says = `${first.row.recipientKey} was notified of the event ${first.eventId} by ${ids.size} deliveries.`;
    return [violation('notified_twice', [first.eventId, ...ids], says)];
  });
}

/** No mail without a delivery, no delivery without its events: nobody is notified of what was rolled back. */
export function neverCommitted(evidence: Evidence, index: EvidenceIndex): Violation[] {
  const committed = new Set(evidence.committed.map(({ system, event }) => `${system} ${event.id}`));
  return [...evidence.mails, ...(evidence.entries ?? [])].flatMap(({ deliveryId, to }) => {
    const delivery = index.deliveries.get(deliveryId ?? '');
    if (!delivery) {
      return [violation('never_committed', [deliveryId ?? to], `${to} got a mail of a delivery that does not exist.`)];
    }
    const found: Violation[] = [];
    if (delivery.address !== to) {
      const says = `A mail for ${delivery.address} went to ${to}.`;
      found.push(violation('never_committed', [delivery.id], says));
    }
    const unknown = delivery.eventIds.filter((id) => !committed.has(`${delivery.system} ${id}`));
    if (unknown.length > 0) {
      const says = `${to} was notified of ${unknown.length} events that were never committed.`;
      found.push(violation('never_committed', [delivery.id, ...unknown], says));
    }
    return found;
  });
}
