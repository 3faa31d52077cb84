import type { AlertHeadersInput } from './headers.js';

/** One alert, ready to be put into the form of a provider. */
export interface AlertMail extends AlertHeadersInput {
  /** Which making of this delivery it is, from 0: one that an operator replays is another mail. */
  generation: number;
  html: string;
  text: string;
}
