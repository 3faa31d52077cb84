import { z } from 'zod';
import { timestamp } from '../events/envelope.js';
import { systemName } from '../persons/system.js';
import { page } from './lists.js';

/**
 * `GET /ops/suppressions`: addresses that get no mail, or none of some systems, newest first. `DELETE /ops/suppressions/:address` lifts all
 * of it, and answers 204.
 */
const suppressionView = z.object({
  address: z.string(),
  /** Whose mails it gets no more: of these, because their mail was complained about; null: of all. */
  systems: z.array(systemName).nullable(),
  /** `bounced` or `complained`, then what the provider or the server said; or the refusal of the server itself. */
  reason: z.string(),
  /** The delivery that showed it. */
  deliveryId: z.uuid(),
  suppressedAt: timestamp,
});
export const listSuppressionsResponse = page(suppressionView);

export type SuppressionView = z.infer<typeof suppressionView>;
