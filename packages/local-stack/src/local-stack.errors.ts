/** What can go wrong when a server is started on this machine. `code` is stable. */
export class LocalStackError extends Error {
  constructor(
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** A process ended, or never became useful. `exitCode` is null if a signal ended it. */
export class ChildExitedError extends LocalStackError {
  constructor(
    readonly child: string,
    readonly exitCode: number | null,
    readonly output: string,
  ) {
    const end = exitCode === null ? 'did not come up' : `ended with code ${exitCode}`;
    super('child_exited', `${child} ${end}. Its last lines:\n${output.trim() || '(none)'}`);
  }
}

/** Something this machine lacks; the message says how to get it. */
export class MissingPrerequisiteError extends LocalStackError {
  constructor(message: string, options?: ErrorOptions) {
    super('missing_prerequisite', message, options);
  }
}

export class WaitTimeoutError extends LocalStackError {
  constructor(what: string, timeoutMs: number, options?: ErrorOptions) {
    super('wait_timeout', `Waited ${timeoutMs} ms in vain for ${what}.`, options);
  }
}
