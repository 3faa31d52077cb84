import type { ProblemDocument, ProblemField } from '@bellhop/contracts/http';

export interface ProblemExtra {
  errors?: readonly ProblemField[];
  /** Response headers, for example `retry-after`. */
  headers?: Readonly<Record<string, string>>;
  cause?: unknown;
  /** Further members of the document, for example `triesLeft`. */
  [member: string]: unknown;
}

/**
 * An error that the caller may see, as RFC 9457 (https://www.rfc-editor.org/rfc/rfc9457) describes it.
 * Throw it anywhere below a controller; the one filter turns it into the response.
 */
export class Problem extends Error {
  readonly headers: Readonly<Record<string, string>>;
  private readonly members: Record<string, unknown>;

  /**
   * @param code snake case, stable for ever: programs decide by it
   * @param title the same for every occurrence of `code`
   * @param detail this occurrence, and what to do about it
   */
  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly detail?: string,
    extra: ProblemExtra = {},
  ) {
    const { headers = {}, cause, ...members } = extra;
    super(detail ?? title, cause === undefined ? undefined : { cause });
    this.name = 'Problem';
    this.headers = headers;
    this.members = members;
  }

  toDocument(): ProblemDocument {
    const { status, code, title, detail } = this;
    return { type: 'about:blank', title, status, code, ...(detail === undefined ? {} : { detail }), ...this.members };
  }
}

/**
 * A request that is well-formed and cannot be used.
 * @param status 422 for a body, 400 for a query or a path
 * @param errors each field that is wrong; `detail` is about the first
 */
export function invalidRequest(status: 400 | 422, errors: readonly ProblemField[], detail?: string): Problem {
  const [first] = errors;
  const about = detail ?? (first && `${first.path} ${first.message}`);
  return new Problem(status, 'invalid_request', 'The request cannot be used', about, { errors });
}

/** No such route, or none that may be known to the caller. */
export function nothingHere(): Problem {
  return new Problem(404, 'not_found', 'Not found', 'Nothing is at this address.');
}

/** Something we depend on is unavailable for a moment; the same request will work later. */
export function temporarilyUnavailable(detail: string, cause?: unknown): Problem {
  return new Problem(503, 'temporarily_unavailable', 'Temporarily unavailable', detail, {
    headers: { 'retry-after': '5' },
    cause,
  });
}
