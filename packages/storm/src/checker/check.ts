import type { Evidence } from './evidence.js';
import { lost } from './lost.js';
import { neverCommitted, toldTwice } from './mails.js';
import { crashed, stuck } from './quiescence.js';
import { Standing } from './standing.js';
import { feedback, parked, streamDuplicate, streamLoss, untold } from './streams.js';
import type { Violation } from './violation.js';

/**
 * Says whether the promises held. Pure: it knows nothing but the evidence, which must have been collected after everything
 * came to rest. No violation means that they did.
 */
export function check(evidence: Evidence): Violation[] {
  const standing = new Standing(evidence);
  return [
    ...lost(evidence, standing),
    ...toldTwice(evidence, standing),
    ...neverCommitted(evidence, standing),
    ...stuck(evidence),
    ...streamDuplicate(evidence),
    ...streamLoss(evidence),
    ...untold(evidence),
    ...parked(evidence),
    ...feedback(evidence),
    ...crashed(evidence),
  ];
}
