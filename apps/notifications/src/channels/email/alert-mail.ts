import type { AlertHeadersInput } from './headers.js';

/** One alert, ready to be put into the form of a provider. */
export interface AlertMail extends AlertHeadersInput {
  html: string;
  text: string;
}
