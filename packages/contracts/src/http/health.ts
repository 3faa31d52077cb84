import { z } from 'zod';

const part = z.object({ name: z.string(), problem: z.string() });

/** `GET /readyz`: 200 when everything is there that is needed, else 503. */
export const readinessResponse = z.object({ ready: z.boolean() });

/**
 * `GET /readyz` on the inner port: also what is missing, one sentence per part. `degraded` names what is missing without
 * making the service useless, `off` what the configuration leaves out.
 */
export const readinessDetails = readinessResponse.extend({
  missing: z.array(part),
  degraded: z.array(part),
  off: z.array(part),
});

export type ReadinessResponse = z.infer<typeof readinessResponse>;
export type ReadinessDetails = z.infer<typeof readinessDetails>;
