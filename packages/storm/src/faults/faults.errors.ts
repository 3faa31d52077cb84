/** A failpoint or a sabotage that cannot be applied; the message says why. */
export class FaultError extends Error {
  override readonly name = 'FaultError';
}

/** What a failpoint throws. It is not a transient error, by neither name nor message. */
export class FailpointReachedError extends Error {
  override readonly name = 'FailpointReachedError';

  constructor(readonly failpoint: string) {
    super(`failpoint ${failpoint} was told to throw`);
  }
}
