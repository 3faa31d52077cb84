/** What became of a delivery after the provider had taken it, weakest first. */
export const FEEDBACK = ['delayed', 'delivered', 'bounced', 'complained'] as const;
export type Feedback = (typeof FEEDBACK)[number];

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
