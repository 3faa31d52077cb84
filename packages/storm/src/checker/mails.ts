import type { DeliveryRow, Evidence } from './evidence.js';
import { grouped, type Standing } from './standing.js';
import { type Violation, violation } from './violation.js';

/** One mail per delivery, one carried-out request per key, one delivery per event and person. */
export function toldTwice(evidence: Evidence, standing: Standing): Violation[] {
  return [...copies(evidence, standing), ...keys(evidence), ...events(evidence, standing)];
}

/** Over SMTP each attempt that nobody answered may have arrived: so many copies more are explained, and counted. */
function copies({ provider }: Evidence, standing: Standing): Violation[] {
  return [...standing.deliveries.values()].flatMap((delivery) => {
    const count = standing.mails.get(delivery.id)?.length ?? 0;
    const allowed = 1 + (provider === 'smtp' ? delivery.unknowns : 0);
    if (count <= allowed) return [];
    const says = `${delivery.address} got ${count} mails of one delivery (${delivery.unknowns} without an answer).`;
    return [violation('told_twice', [delivery.id], says)];
  });
}

function keys({ mails }: Evidence): Violation[] {
  const keyed = mails.filter(({ key }) => key !== undefined);
  return [...grouped(keyed, ({ key }) => key ?? '')].flatMap(([key, group]) => {
    const requests = new Set(group.map(({ request }) => request));
    if (requests.size <= 1) return [];
    return [violation('told_twice', [key], `${requests.size} requests were carried out under one idempotency key.`)];
  });
}

function events({ deliveries }: Evidence, standing: Standing): Violation[] {
  const told = deliveries.filter((row) => standing.isDelivered(row));
  const tellings = told.flatMap((row) => row.eventIds.map((eventId) => ({ row, eventId })));
  const key = ({ row, eventId }: { row: DeliveryRow; eventId: string }) =>
    `${row.system} ${eventId} ${row.recipientKey} ${row.channel}`;
  return [...grouped(tellings, key).values()].flatMap((group) => {
    const ids = new Set(group.map(({ row }) => row.id));
    const [first] = group;
    if (!first || ids.size <= 1) return [];
    const says = `${first.row.recipientKey} was told of the event ${first.eventId} by ${ids.size} deliveries.`;
    return [violation('told_twice', [first.eventId, ...ids], says)];
  });
}

/** No mail without a delivery, no delivery without its events: what was rolled back is never told. */
export function neverCommitted(evidence: Evidence, standing: Standing): Violation[] {
  const committed = new Set(evidence.committed.map(({ system, event }) => `${system} ${event.id}`));
  return evidence.mails.flatMap(({ deliveryId, to }) => {
    const delivery = standing.deliveries.get(deliveryId ?? '');
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
      const says = `${to} was told of ${unknown.length} events that were never committed.`;
      found.push(violation('never_committed', [delivery.id, ...unknown], says));
    }
    return found;
  });
}
