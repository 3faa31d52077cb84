import { setTimeout as pause } from 'node:timers/promises';
import type { History } from '../history/history.js';
import type { WriterLog } from './writer-log.js';

const PATIENCE_MS = 120_000;
const RETRY_MS = 250;
const TIMEOUT_MS = 5_000;

/** A request of a person at a browser. */
export interface HttpWrite {
  readonly who: string;
  /** What identifies the sender: a token, cookies, an address. */
  readonly headers: Readonly<Record<string, string>>;
  readonly method: 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  /** `Idempotency-Key`, and the id of the write where `isCounted`. */
  readonly key: string;
  readonly body: object;
  /** Whether its text is the key, by which the checker finds it in the database. */
  readonly isCounted: boolean;
  /** Aborts after so many milliseconds and does not retry, as if the browser were closed. */
  readonly cutAfterMs?: number | undefined;
  /** Keeps the cookies that an answer sets. */
  readonly onCookies?: ((lines: readonly string[]) => void) | undefined;
  /** How long to retry. Default two minutes. */
  readonly patienceMs?: number;
}

export interface HttpContext {
  /** Of the replicas of a service, which are asked in turn. */
  readonly urls: readonly string[];
  readonly log: WriterLog;
  readonly history: History;
}

/** Retries until there is a definite answer. Undefined: cut off, or refused by a rule. */
export async function requestUntilAnswered<T>(
  write: HttpWrite,
  { urls, log, history }: HttpContext,
): Promise<T | undefined> {
  const startedAt = performance.now();
  if (write.isCounted) log.begin(write.key);
  for (let tries = 1; ; tries++) {
    const { status, body } = await ask(write, urls[tries % urls.length] ?? '');
    const hasTakenMs = Math.round(performance.now() - startedAt);
    const isOver = write.cutAfterMs !== undefined || hasTakenMs > (write.patienceMs ?? PATIENCE_MS);
    const isTransient = status === 0 || status >= 500 || status === 429 || isInProgress(status, body);
    if (isTransient && !isOver) {
      await pause(RETRY_MS);
      continue;
    }
    history.note(write.who, `${write.method} ${shape(write.path)}`, { key: write.key, status, tries, ms: hasTakenMs });
    if (status < 200 || status >= 300) return undefined;
    if (write.isCounted) log.acknowledge(write.key);
    return body as T;
  }
}

async function ask(write: HttpWrite, url: string): Promise<{ status: number; body: unknown }> {
  try {
    const response = await fetch(url + write.path, {
      method: write.method,
      signal: AbortSignal.timeout(write.cutAfterMs ?? TIMEOUT_MS),
      headers: {
        ...write.headers,
        'content-type': 'application/json',
        ...(write.method === 'POST' && { 'idempotency-key': write.key }),
      },
      body: JSON.stringify(write.body),
    });
    const text = await response.text();
    write.onCookies?.(response.headers.getSetCookie());
    return { status: response.status, body: text === '' ? {} : JSON.parse(text) };
  } catch {
    return { status: 0, body: undefined };
  }
}

function isInProgress(status: number, body: unknown): boolean {
  return status === 409 && (body as { code?: string } | undefined)?.code === 'request_in_progress';
}

/** Without the ids, so that it can be counted. */
function shape(path: string): string {
  return path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, ':id');
}
