/** Thrown where nothing is wrong with the work itself: wait and try it again, for ever if need be. */
export class TransientError extends Error {
  override readonly name = 'TransientError';
  readonly code = 'transient_error';
}
