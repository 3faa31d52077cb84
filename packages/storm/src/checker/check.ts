import type { Evidence } from './evidence.js';
import { EvidenceIndex } from './evidence-index.js';
import { stalePages } from './feeds.js';
import { lost } from './lost.js';
import { neverCommitted, notifiedTwice } from './mails.js';
import { misdirected, misrecorded, pushedTwice } from './pushes.js';
import { crashed, stuck } from './quiescence.js';
import { toldOfSeen } from './seen.js';
import { deadLettered, feedback, outcomeUnpublished, streamDuplicate, streamLoss } from './streams.js';
import type { Violation } from './violation.js';

/**
 * Checks whether the promises held. Pure: it sees only the evidence, which must have been collected after the system became quiet. No
 * violation means that they held.
 */
export function check(evidence: Evidence): Violation[] {
  const index = new EvidenceIndex(evidence);
  return [
    ...lost(evidence, index),
    ...notifiedTwice(evidence, index),
    ...neverCommitted(evidence, index),
    ...misdirected(evidence, index),
    ...misrecorded(evidence, index),
    ...pushedTwice(evidence, index),
    ...toldOfSeen(evidence, index),
    ...stalePages(evidence, index),
    ...stuck(evidence),
    ...streamDuplicate(evidence),
    ...streamLoss(evidence),
    ...outcomeUnpublished(evidence),
    ...deadLettered(evidence),
    ...feedback(evidence),
    ...crashed(evidence),
  ];
}
