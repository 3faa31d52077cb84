import { redact } from '../channels/email/reply.js';
import type { Report } from '../channels/report.js';
import type { Suppression } from '../dispatch/outcomes/suppress.js';
import type { Feedback } from './feedback.js';
import { feedbackOf, strongest } from './feedback.js';
import type { ReportedDelivery } from './find-deliveries.js';

/** The change that reports make to a delivery. */
export interface FeedbackChange {
  readonly delivery: ReportedDelivery;
  /** The feedback after the reports. */
  readonly feedback: Feedback | null;
  /** It is stronger than the feedback before. */
  readonly isNews: boolean;
  /** Why, as a stable code. */
  readonly reason: string | null;
  /** The provider's id of the mail. */
  readonly ref: string | null;
  /** The suppression of the endpoint; null when it stays in use. */
  readonly suppression: Suppression | null;
}

/** Applies reports about one delivery, in the order of arrival. Pure. */
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
  // `bounced: Permanent General …`, without any address.
  return { ...suppression, reason: detail ? `bounced: ${redact(detail, endpoint)}` : 'bounced', system: null };
}

/** The first one, unless the second one is for all systems. */
function wider(first: Suppression | null, second: Suppression | null): Suppression | null {
  return first?.system != null && second?.system === null ? second : (first ?? second);
}
