export interface RefusalOptions {
  /** When the same request may get another reply. */
  retryAfterSeconds?: number;
  cause?: unknown;
}

/** Thrown by an rpc handler: a definite no, with a code that the calling service can act on. */
export class RpcRefusal extends Error {
  readonly retryAfterSeconds: number | undefined;

  /**
   * @param code stable, in the form `over_budget`
   * @param detail a sentence for the log of the calling service. It quotes nothing of the request
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
 * Why there is no result.
 * - `no_responders`, `disconnected`: certainly not handled
 * - `timeout`: maybe handled; its effects may exist
 * - `refused`: handled, and refused; `code` says why. `unavailable`: a dependency of the service is unavailable.
 *   `failed`: an unexpected error. `bad_request`, `bad_reply`: the two services have different contracts
 */
export type RpcErrorKind = 'no_responders' | 'disconnected' | 'timeout' | 'refused';

/** Thrown by `RpcClient.request`. */
export class RpcError extends Error {
  readonly code: string;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    readonly kind: RpcErrorKind,
    subject: string,
    detail: string,
    { code, retryAfterSeconds, cause }: RefusalOptions & { code?: string } = {},
  ) {
    super(`${subject} failed (${code ?? kind}): ${detail}`, { cause });
    this.name = 'RpcError';
    this.code = code ?? kind;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** Whether it is certain that no service received the request. */
  get isUndelivered(): boolean {
    return this.kind === 'no_responders' || this.kind === 'disconnected';
  }
}
