/** Why a process cannot start. The message is for the person who started it: what is wrong, and what to do. */
export class StartUpError extends Error {
  constructor(
    readonly code: string,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}
