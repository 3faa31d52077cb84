import type { JobsOptions } from 'bullmq';

export const QUEUE = 'mails';

/** As https://docs.bullmq.io/guide/retrying-failing-jobs and https://docs.bullmq.io/guide/queues/auto-removal-of-jobs show them. */
export const JOB_OPTIONS: JobsOptions = {
  attempts: 3,
  backoff: { type: 'exponential', delay: 1_000 },
  removeOnComplete: 1_000,
  removeOnFail: 5_000,
};
