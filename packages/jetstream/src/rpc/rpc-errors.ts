export interface RefusalOptions {
  /** When the same question may have another answer. */
  retryAfterSeconds?: number;
  cause?: unknown;
}

/** Thrown by a handler of questions: a definite no, whose code the asking service can act on. */
export class RpcRefusal extends Error {
  readonly retryAfterSeconds: number | undefined;

  /**
   * @param code stable, in the form `over_budget`
   * @param detail a sentence for the log of the service that asks. It quotes nothing of the question
   */
  constructor(
    readonly code: string,
    readonly detail: string,
    { retryAfterSeconds, ...options }: RefusalOptions = {},
  ) {
    super(`${code}: ${detail}`, options);
    this.name = 'RpcRefusal';
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/**
 * Why there is no answer.
 * - `no_responders`, `disconnected`: nobody has heard the question
 * - `timeout`: somebody may have heard it, and may have done what it asks for
 * - `refused`: somebody has heard it and says no; `code` tells why. `unavailable`: what it needs is away.
 *   `failed`: an error that has no name. `bad_request`, `bad_answer`: the two do not speak the same contract
 */
export type RpcErrorKind = 'no_responders' | 'disconnected' | 'timeout' | 'refused';

/** Thrown by `RpcClient.ask`. */
export class RpcError extends Error {
  readonly code: string;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    readonly kind: RpcErrorKind,
    subject: string,
    detail: string,
    { code, retryAfterSeconds, cause }: RefusalOptions & { code?: string } = {},
  ) {
    super(`${subject} has no answer (${code ?? kind}): ${detail}`, { cause });
    this.name = 'RpcError';
    this.code = code ?? kind;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** Whether it is certain that nobody has heard the question. */
  get isUnheard(): boolean {
    return this.kind === 'no_responders' || this.kind === 'disconnected';
  }
}
