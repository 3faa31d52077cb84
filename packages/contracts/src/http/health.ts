import { z } from 'zod';

/** `GET /readyz`: 200 when everything is there, else 503 and what is missing, one sentence per part. */
export const readinessResponse = z.object({
  ready: z.boolean(),
  missing: z.array(z.object({ name: z.string(), problem: z.string() })),
});

export type ReadinessResponse = z.infer<typeof readinessResponse>;
