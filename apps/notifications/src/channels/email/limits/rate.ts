import { EmailError } from '../email.errors.js';
import { MAX_LIMIT } from './blocks.js';

/**
 * Reads `rate=` of EMAIL_URL: requests per second.
 * @throws EmailError `invalid_email_url`
 */
export function parseRate(text: string): number {
  const rate = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (rate >= 1 && rate <= MAX_LIMIT) return rate;
  throw new EmailError(
    'invalid_email_url',
    `rate= in EMAIL_URL must be how many requests a second the provider may get, from 1 to ${MAX_LIMIT}, such as ?rate=10.`,
  );
}
