import { InvalidEventError } from '@bellhop/jetstream';
import { Problem } from '@bellhop/service';

/**
 * For operators: what leads others to the dead letters is an answer here, with the same sentence.
 * @throws Problem 422 `event_not_admissible`
 */
export function admitted<T>(admission: () => T): T {
  try {
    return admission();
  } catch (error) {
    throw admissionProblem(error);
  }
}

/** The problem of an event that cannot be used; any other error as it is. */
export function admissionProblem(error: unknown): unknown {
  if (!(error instanceof InvalidEventError)) return error;
  const { reason, detail } = error;
  return new Problem(422, 'event_not_admissible', 'The event cannot be used', detail, { reason });
}
