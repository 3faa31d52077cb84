import type { Report, ReportKind } from '../channels/report.js';

/** What became of a delivery after the provider had taken it, weakest first. */
export const FEEDBACK = ['delayed', 'delivered', 'bounced', 'complained'] as const;
export type Feedback = (typeof FEEDBACK)[number];

/** The kinds that differ only in their reason have gone wrong in the same way: the mail did not arrive. */
const FEEDBACK_OF: Record<ReportKind, Feedback | null> = {
  sent: null,
  delivered: 'delivered',
  delayed: 'delayed',
  bounced: 'bounced',
  failed: 'bounced',
  suppressed: 'bounced',
  complained: 'complained',
};

export function feedbackOf({ kind }: Report): Feedback | null {
  return FEEDBACK_OF[kind];
}

/**
 * What is known after one more report. Pure. Reports come in any order and more than once, so the strongest stays: a bounce
 * outweighs "delivered", because servers bounce what they have taken, and a complaint says all of it.
 */
export function strongest(known: Feedback | null, reported: Feedback | null): Feedback | null {
  return rank(reported) > rank(known) ? reported : known;
}

function rank(feedback: Feedback | null): number {
  return feedback === null ? -1 : FEEDBACK.indexOf(feedback);
}
