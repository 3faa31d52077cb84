import type { EntityManager } from 'typeorm';
import type { FeedbackChange } from './feedback-change.js';

/**
 * Records the feedback, and the provider's id of the mail if no answer has brought it yet.
 * in: changes · out: nothing · lock: these rows, held already · race: none for `feedback`, which nobody else writes. The answer
 * of an attempt in flight overwrites the id with the same value.
 */
export async function recordFeedback(manager: EntityManager, changes: readonly FeedbackChange[]): Promise<void> {
  await manager.query(
    `update deliveries d set feedback = m.feedback,
       feedback_at = case when d.feedback is distinct from m.feedback then now() else d.feedback_at end,
       provider_ref = coalesce(d.provider_ref, m.ref)
     from unnest($1::uuid[], $2::text[], $3::text[]) as m (id, feedback, ref)
     where d.id = m.id
       and (d.feedback is distinct from m.feedback or (d.provider_ref is null and m.ref is not null))`,
    [
      changes.map(({ delivery }) => delivery.id),
      changes.map(({ feedback }) => feedback),
      changes.map(({ ref }) => ref),
    ],
  );
}
