import { TransientError } from '@bellhop/waiting';
import { describeError, InvalidEventError } from './errors.js';

export type Fault =
  | { kind: 'invalid'; error: InvalidEventError }
  | { kind: 'transient'; error: unknown }
  | { kind: 'failed'; error: unknown };

/**
 * Combines the errors of all handlers of one event. If one of them may still succeed, the event is redelivered to all; only
 * when every error is about the event itself does it become a dead letter.
 */
export function classify(errors: readonly unknown[], isTransientError: (error: unknown) => boolean): Fault | null {
  const faults = errors.map((error): Fault => {
    if (error instanceof InvalidEventError) return { kind: 'invalid', error };
    return { kind: error instanceof TransientError || isTransientError(error) ? 'transient' : 'failed', error };
  });
  const first = (kind: Fault['kind']) => faults.find((fault) => fault.kind === kind);
  return first('transient') ?? first('failed') ?? first('invalid') ?? null;
}

/** Nest's own filter hides the error; the text says how to get it back. */
export function explainFailure(error: unknown): string {
  const isHidden =
    typeof error === 'object' && error !== null && 'status' in error && 'message' in error && error.status === 'error';
  if (!isHidden || error instanceof Error) return describeError(error);
  return `${String(error.message)} (Nest hid the error: put @EventsController() on the handler's class)`;
}
