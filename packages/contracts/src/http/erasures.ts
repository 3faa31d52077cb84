import { z } from 'zod';
import { timestamp } from '../envelope.js';
import { personIdentity } from '../person-identity.js';
import { SERVICES } from '../subjects.js';

/** How many of each kind were erased, such as `{"tickets": 3}`. */
export const erasedCounts = z.record(z.string(), z.int().nonnegative());

/** `POST /ops/erasures` → 202 and an {@link erasureView}. A reason is required (header `Audit-Reason`). */
export const erasureRequest = z.object({ person: personIdentity });

/** `GET /ops/erasures/:id`: how far it is. */
export const erasureView = z.object({
  id: z.uuid(),
  requestedAt: timestamp,
  services: z.array(
    z.object({
      service: z.enum(SERVICES),
      /** `waiting`: it has heard of it, or is about to. `no_answer`: it is not running; it erases when it is back. */
      state: z.enum(['erased', 'waiting', 'no_answer']),
      erasedAt: timestamp.nullable(),
      counts: erasedCounts,
    }),
  ),
});

export type ErasedCounts = z.infer<typeof erasedCounts>;
export type ErasureRequest = z.infer<typeof erasureRequest>;
export type ErasureView = z.infer<typeof erasureView>;
