import { redact } from '../channels/email/reply.js';
import type { Report } from '../channels/report.js';
import type { Suppression } from '../dispatch/outcomes/suppress.js';
import type { Feedback } from './feedback.js';
import { feedbackOf, strongest } from './feedback.js';
import type { ReportedDelivery } from './find-deliveries.js';

/** How reports change a delivery. */
export interface FeedbackChange {
  readonly delivery: ReportedDelivery;
  /** What is known now. */
  readonly feedback: Feedback | null;
  /** Whether it says more than what was known before. */
  readonly isNews: boolean;
  /** Why, as a stable word. */
  readonly reason: string | null;
  /** What the provider calls the mail. */
  readonly ref: string | null;
  /** Why nothing should go to the address again, and of which system; null when something may. */
  readonly suppression: Suppression | null;
}

/** Applies reports about one delivery, in the order in which they came. Pure. */
export function changeOf(delivery: ReportedDelivery, reports: readonly Report[]): FeedbackChange {
  const none: FeedbackChange = {
    delivery,
    feedback: delivery.feedback,
    isNews: false,
    reason: null,
    ref: null,
    suppression: null,
  };
  return reports.reduce((change, report) => {
    const feedback = strongest(change.feedback, feedbackOf(report));
    const isStronger = feedback !== change.feedback;
    return {
      delivery,
      feedback,
      isNews: change.isNews || isStronger,
      reason: isStronger ? report.reason : change.reason,
      ref: change.ref ?? report.emailId,
      suppression: wider(change.suppression, suppressionOf(report, delivery)),
    };
  }, none);
}

/** A complaint concerns the mails of one system; a mailbox that does not exist concerns all of them. */
function suppressionOf({ kind, detail, isFinal }: Report, delivery: ReportedDelivery): Suppression | null {
  if (!isFinal) return null;
  const { id: deliveryId, channel, suppressionKey: key, endpoint } = delivery;
  const suppression = { deliveryId, channel, key };
  if (kind === 'complained') return { ...suppression, reason: 'complained', system: delivery.system };
  // `bounced: Permanent General …`, with no address in it.
  return { ...suppression, reason: detail ? `bounced: ${redact(detail, endpoint)}` : 'bounced', system: null };
}

/** The first one, unless the second one is for all systems. */
function wider(first: Suppression | null, second: Suppression | null): Suppression | null {
  return first?.system != null && second?.system === null ? second : (first ?? second);
}
