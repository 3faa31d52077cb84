import type { Report, ReportKind } from '../channels/report.js';

/** What the provider reports of a delivery that it accepted, weakest first. */
export const FEEDBACK = ['delayed', 'delivered', 'bounced', 'complained'] as const;
export type Feedback = (typeof FEEDBACK)[number];

/** `failed` and `suppressed` count as `bounced`, with their own reasons: the mail did not arrive. */
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
 * The feedback after one more report. Pure. Reports come in any order and more than once, so the strongest one stays: `bounced` is
 * stronger than `delivered`, because a server may bounce a mail that it has accepted; a complaint is stronger than both.
 */
export function strongest(known: Feedback | null, reported: Feedback | null): Feedback | null {
  return rank(reported) > rank(known) ? reported : known;
}

function rank(feedback: Feedback | null): number {
  return feedback === null ? -1 : FEEDBACK.indexOf(feedback);
}
