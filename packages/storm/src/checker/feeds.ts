import type { Evidence } from './evidence.js';
import type { EvidenceIndex } from './evidence-index.js';
import { type Violation, violation } from './violation.js';

/** A page shows how its feed stands, and what was seen on the page of a ticket counts as seen in the feed. */
export function stalePages(evidence: Evidence, index: EvidenceIndex): Violation[] {
  return [...wrong(evidence), ...unseen(evidence, index)];
}

function wrong({ pages = [] }: Evidence): Violation[] {
  return pages.flatMap(({ person, told, stands, hasGoneBack }) => {
    const found: Violation[] = [];
    if (hasGoneBack) {
      const says = `The page of ${person} was told of an older state than it knew.`;
      found.push(violation('stale_page', [person], says));
    }
    if (told?.unread !== stands.unread || told.rev !== stands.rev) {
      const says = `The page of ${person} shows ${JSON.stringify(told)}; the feed stands at ${JSON.stringify(stands)}.`;
      found.push(violation('stale_page', [person], says));
    }
    return found;
  });
}

function unseen({ entries = [] }: Evidence, index: EvidenceIndex): Violation[] {
  return entries.flatMap(({ deliveryId, to, isSeen }) => {
    const delivery = index.deliveries.get(deliveryId ?? '');
    if (isSeen || delivery?.role !== 'requester' || !index.isSeen(delivery, delivery.version)) return [];
    const says = `The entry of ${to} about v${delivery.version} counts as unseen, though its ticket was seen.`;
    return [violation('stale_page', [delivery.id], says)];
  });
}
