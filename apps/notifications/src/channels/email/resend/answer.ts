import type { CreateBatchSuccessResponse, CreateEmailResponseSuccess, ErrorResponse, Response } from 'resend';
import type { HttpAnswer } from '../../http.js';
import { record } from './record.js';

/** What Resend answers to one mail, and to a batch. */
export type SendResponse = Response<
  CreateEmailResponseSuccess | CreateBatchSuccessResponse<{ batchValidation: 'permissive' }>
>;

/** What became of each mail of a request that was taken, in their order. */
export type MailResult = { id: string } | { message: string };

const NOT_RESENDS = '' as ErrorResponse['name'];

/**
 * The answer in the SDK's form (https://resend.com/docs/api-reference/errors). Two things are stricter than in the SDK:
 * `error.statusCode` is the status of the answer, whatever its body says, and what is not in Resend's form has no `error.name`
 * instead of the name `application_error`, which Resend itself uses. A 2xx without JSON is such an error.
 */
export function responseOf<T>({ status, headers, body }: HttpAnswer): Response<T> {
  const value = parseJson(body);
  const isTaken = status >= 200 && status < 300;
  if (isTaken && value !== undefined) return { data: value as T, error: null, headers };
  return { data: null, error: errorOf(status, isTaken ? undefined : value), headers };
}

/** False when somebody else seems to have answered, such as a proxy on the way. */
export function isResends({ name }: ErrorResponse): boolean {
  return name !== NOT_RESENDS;
}

/**
 * Reads `{"id"}` of a single mail, or `{"data": [{"id"}], "errors": [{"index", "message"}]}` of a batch: `data` holds the
 * ids of those taken, in the order of the request without the refused ones. The SDK's types claim this; nothing checks it.
 * @returns undefined when it does not account for every mail exactly once; then nothing is known of any.
 */
export function parseTaken(answer: unknown, count: number): MailResult[] | undefined {
  const { id, data, errors } = record(answer);
  if (count === 1 && data === undefined) return isId(id) ? [{ id }] : undefined;
  const messages = refusals(errors ?? [], count);
  if (!messages || !Array.isArray(data) || data.length !== count - messages.size) return undefined;
  const ids = data.map((entry: { id?: unknown } | null) => entry?.id);
  if (!ids.every(isId)) return undefined;
  let next = 0;
  return Array.from({ length: count }, (_, index) => {
    const message = messages.get(index);
    return message === undefined ? { id: ids[next++] as string } : { message };
  });
}

function errorOf(statusCode: number, value: unknown): ErrorResponse {
  const { name, message } = record(value);
  const hasName = typeof name === 'string' && /^[a-z][a-z0-9_]{0,63}$/.test(name);
  return {
    statusCode,
    // Resend has more names than the SDK's type lists.
    name: hasName ? (name as ErrorResponse['name']) : NOT_RESENDS,
    message: hasName && typeof message === 'string' ? message : '',
  };
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

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
