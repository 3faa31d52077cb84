import { z } from 'zod';
import { timestamp } from '../events/envelope.js';
import { personIdentity } from '../persons/person-identity.js';
import { erasedCounts } from '../rpc/rpcs.js';
import { SERVICES } from '../streams/services.js';

/** `POST /ops/erasures` → 202 and an {@link erasureView}. A reason is required (header `Audit-Reason`). */
export const erasureRequest = z.object({ person: personIdentity });

/** `GET /ops/erasures/:id`: how far it is. */
export const erasureView = z.object({
  id: z.uuid(),
  requestedAt: timestamp,
  services: z.array(
    z.object({
      service: z.enum(SERVICES),
      /** `waiting`: it is erasing, or about to. `no_answer`: it is not running; it erases when it is back. */
      state: z.enum(['erased', 'waiting', 'no_answer']),
      erasedAt: timestamp.nullable(),
      counts: erasedCounts,
    }),
  ),
});

export type ErasureRequest = z.infer<typeof erasureRequest>;
export type ErasureView = z.infer<typeof erasureView>;
