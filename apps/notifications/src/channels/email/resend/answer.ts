/** A complete answer of the provider. */
export interface ResendAnswer {
  status: number;
  /** What it asks us to wait, from `Retry-After`. */
  retryAfterMs?: number;
  body: string;
}

/** What became of each mail of a request that was taken, in their order. */
export type Entry = { id: string } | { message: string };

/** Resend's error form (https://resend.com/docs/api-reference/errors). */
export interface ResendError {
  name: string;
  message: string;
}

const MAX_RETRY_AFTER_MS = 86_400_000;

/**
 * Reads `{"id"}` of a single mail, or `{"data": [{"id"}], "errors": [{"index", "message"}]}` of a batch: `data` holds the
 * ids of those taken, in the order of the request without the refused ones.
 * @returns undefined when it does not account for every mail exactly once; then nothing is known of any.
 */
export function parseTaken(body: string, count: number): Entry[] | undefined {
  const answer = parseObject(body);
  if (!answer) return undefined;
  if (count === 1 && answer.data === undefined) return isId(answer.id) ? [{ id: answer.id }] : undefined;
  const messages = refusals(answer.errors ?? [], count);
  if (!messages || !Array.isArray(answer.data) || answer.data.length !== count - messages.size) return undefined;
  const ids = answer.data.map((entry: { id?: unknown } | null) => entry?.id);
  if (!ids.every(isId)) return undefined;
  let next = 0;
  return Array.from({ length: count }, (_, index) => {
    const message = messages.get(index);
    return message === undefined ? { id: ids[next++] as string } : { message };
  });
}

/** Undefined when somebody else seems to have answered, such as a proxy on the way. */
export function parseError(body: string): ResendError | undefined {
  const { name, message } = parseObject(body) ?? {};
  if (typeof name !== 'string' || !/^[a-z][a-z0-9_]{0,63}$/.test(name)) return undefined;
  return { name, message: typeof message === 'string' ? message : '' };
}

/** `Retry-After` in seconds or as a date (RFC 9110 §10.2.3); at most a day. */
export function parseRetryAfter(value: string | undefined, now: Date): number | undefined {
  if (value === undefined) return undefined;
  const waitMs = /^\d{1,9}$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - now.getTime();
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(waitMs, 0), MAX_RETRY_AFTER_MS);
}

function refusals(errors: unknown, count: number): Map<number, string> | undefined {
  if (!Array.isArray(errors)) return undefined;
  const messages = new Map<number, string>();
  for (const error of errors as ({ index?: unknown; message?: unknown } | null)[]) {
    const { index, message } = error ?? {};
    if (typeof index !== 'number' || !Number.isInteger(index) || index < 0 || index >= count) return undefined;
    messages.set(index, typeof message === 'string' ? message : '');
  }
  return messages.size === errors.length ? messages : undefined;
}

function isId(id: unknown): id is string {
  return typeof id === 'string' && /^[\w.:-]{1,128}$/.test(id);
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
