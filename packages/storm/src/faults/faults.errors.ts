/** A failpoint or a sabotage that cannot be had: the sentence tells why. */
export class FaultError extends Error {
  override readonly name = 'FaultError';
}

/** What a failpoint throws. Its name and message are those of no fault that passes by itself. */
export class FailpointReachedError extends Error {
  override readonly name = 'FailpointReachedError';

  constructor(readonly failpoint: string) {
    super(`failpoint ${failpoint} was told to throw`);
  }
}
