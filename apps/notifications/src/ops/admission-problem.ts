import { Problem } from '@bellhop/http';
import { InvalidEventError } from '@bellhop/jetstream';

/**
 * What makes an event a dead letter, as an answer to an operator, with the same sentence.
 * @returns Problem 422 `event_not_admissible` for an event that cannot be used; any other error unchanged
 */
export function admissionProblem(error: unknown): unknown {
  if (!(error instanceof InvalidEventError)) return error;
  const { reason, detail } = error;
  return new Problem(422, 'event_not_admissible', 'The event cannot be used', detail, { reason });
}
