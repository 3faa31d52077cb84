import type { AlertHeadersInput } from './headers.js';

/** One alert, ready to be written in the format of a provider. */
export interface AlertMail extends AlertHeadersInput {
  /** How often an operator has replayed the delivery with a fresh request, from 0: each is another mail. */
  generation: number;
  html: string;
  text: string;
}
