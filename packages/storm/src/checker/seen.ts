import type { Evidence } from './evidence.js';
import { type EvidenceIndex, grouped } from './evidence-index.js';
import { type Violation, violation } from './violation.js';

/** Nobody is told over any channel of what they have had on the screen before. */
export function toldOfSeen(evidence: Evidence, index: EvidenceIndex): Violation[] {
  const { committed, decisions } = evidence;
  const knownAt = new Map(decisions.map(({ system, eventId, decidedAt }) => [`${system} ${eventId}`, decidedAt]));
  const sights = committed
    .filter(({ event }) => event.type === 'ticket.seen.v1')
    .map(({ system, event }) => {
      const { id: ticketId, version } = event.data.ticket;
      return { key: `${system} ${ticketId}`, version, at: knownAt.get(`${system} ${event.id}`) };
    });
  const byTicket = grouped(sights, ({ key }) => key);
  return [...index.deliveries.values()].flatMap((delivery) => {
    const { id, system, ticketId, version, role, attemptedAt, unknowns, channel, address } = delivery;
    // After an attempt without an answer a batch is repeated as it was.
    if (role !== 'requester' || attemptedAt === null || unknowns > 0) return [];
    const seen = byTicket.get(`${system} ${ticketId}`) ?? [];
    const isLate = seen.some((one) => one.version >= version && attemptedAt > (one.at ?? Infinity) + index.slackMs);
    return isLate
      ? [violation('told_of_seen', [id], `${address} was told of v${version} over ${channel} after seeing it.`)]
      : [];
  });
}
