import { redact } from '../channels/email/smtp-reply.js';
import type { Feedback } from './feedback.js';
import { strongest } from './feedback.js';
import type { ReportedDelivery } from './find-deliveries.js';
import { feedbackOf, type Report } from './report.js';

/** What reports make of a delivery. */
export interface Change {
  readonly delivery: ReportedDelivery;
  /** What is known now. */
  readonly feedback: Feedback | null;
  /** It says more than what was known before. */
  readonly isNews: boolean;
  /** Why, as a stable word. */
  readonly reason: string | null;
  /** What the provider calls the mail. */
  readonly ref: string | null;
  /** Why nothing should go to the address again; null when something may. */
  readonly suppression: string | null;
}

/** Takes in reports about one delivery, in the order in which they came. Pure. */
export function changeOf(delivery: ReportedDelivery, reports: readonly Report[]): Change {
  const none: Change = {
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
      suppression: change.suppression ?? suppressionOf(report, delivery.address),
    };
  }, none);
}

/** `bounced: Permanent General …`, with no address in it. */
function suppressionOf({ kind, detail, isFinal }: Report, address: string): string | null {
  if (!isFinal) return null;
  if (kind === 'complained') return 'complained';
  return detail ? `bounced: ${redact(detail, address)}` : 'bounced';
}
