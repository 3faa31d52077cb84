import type { ProblemDocument, ProblemField } from '@bellhop/contracts/http';

/** A request that got no good answer. `code` is stable; `unreachable` means that none came at all. */
export class ApiProblem extends Error {
  /** 0 without an answer. */
  readonly status: number;
  readonly code: string;
  /** After so many seconds it may be tried again; null where nobody said. */
  readonly retryAfterSeconds: number | null;
  /** With `invalid_request`: what is wrong where. */
  readonly errors: readonly ProblemField[];
  /** With `wrong_code`. */
  readonly triesLeft: number | null;

  constructor(status: number, problem: Partial<ProblemDocument & { triesLeft: number }>, retryAfter: string | null) {
    super(problem.title ?? problem.code);
    this.name = 'ApiProblem';
    this.status = status;
    this.code = problem.code ?? codeOf(status);
    this.retryAfterSeconds = retryAfter && /^\d+$/.test(retryAfter) ? Number(retryAfter) : null;
    this.errors = problem.errors ?? [];
    this.triesLeft = problem.triesLeft ?? null;
  }

  /** The same request may work later, without a change of it. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** An answer of something between us and the service, such as a proxy, has no code. */
function codeOf(status: number): string {
  if (status === 0) return 'unreachable';
  if (status === 401) return 'sign_in_required';
  if (status === 413) return 'too_large';
  if (status === 415) return 'file_type_not_allowed';
  if (status === 429) return 'too_many_requests';
  return status >= 500 ? 'service_unavailable' : 'request_refused';
}

/** @param body what the answer carried, as text: a proxy's is HTML */
export function problemOf(status: number, body: string, retryAfter: string | null): ApiProblem {
  return new ApiProblem(status, readProblem(body), retryAfter);
}

function readProblem(body: string): Partial<ProblemDocument> {
  try {
    const problem: unknown = JSON.parse(body);
    return typeof problem === 'object' && problem !== null ? problem : {};
  } catch {
    return {};
  }
}

export interface Call {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Sent as JSON; a `Blob` as it is, with its type. */
  body?: unknown;
  /** Makes a repeated POST have one effect. */
  idempotencyKey?: string;
  signal?: AbortSignal;
  /** Also while the page is being left. */
  keepalive?: boolean;
}

/** @returns the body of the answer; undefined without one @throws ApiProblem */
export async function call<T = undefined>(path: string, { body, idempotencyKey, ...rest }: Call = {}): Promise<T> {
  return (await callWithClock<T>(path, { body, idempotencyKey, ...rest } as Call)).answer;
}

/** As {@link call}; `aheadMs`: by how much our clock is ahead of the server's, for times that the server names. */
export async function callWithClock<T>(path: string, options: Call = {}): Promise<{ answer: T; aheadMs: number }> {
  const { body, idempotencyKey, ...rest } = options;
  const headers: Record<string, string> = { accept: 'application/json' };
  if (body !== undefined) headers['content-type'] = body instanceof Blob ? body.type : 'application/json';
  if (idempotencyKey) headers['idempotency-key'] = idempotencyKey;
  const sent = body instanceof Blob ? body : JSON.stringify(body);
  const init = { ...rest, headers, ...(body === undefined ? {} : { body: sent }) };
  const { response, text } = await fetched(path, init);
  const retryAfter = response.headers.get('retry-after');
  if (!response.ok) throw problemOf(response.status, text, retryAfter);
  const sentAt = Date.parse(response.headers.get('date') ?? '');
  return { answer: parsed<T>(text), aheadMs: Number.isNaN(sentAt) ? 0 : Date.now() - sentAt };
}

async function fetched(path: string, init: RequestInit): Promise<{ response: Response; text: string }> {
  try {
    const response = await fetch(path, init);
    return { response, text: await response.text() };
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw problemOf(0, '', null);
  }
}

function parsed<T>(text: string): T {
  if (text === '') return undefined as T;
  try {
    return JSON.parse(text) as T;
  } catch {
    // A page of a network that wants a sign-in of its own, with 200.
    throw problemOf(0, '', null);
  }
}
