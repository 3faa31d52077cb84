import { setTimeout as pause } from 'node:timers/promises';
import type { History } from '../history/history.js';
import type { WriterLog } from './writer-log.js';

const PATIENCE_MS = 120_000;
const RETRY_MS = 250;
const TIMEOUT_MS = 5_000;

export interface Wish {
  readonly who: string;
  /** Who asks, as far as the service can tell: a token, cookies, an address. */
  readonly headers: Readonly<Record<string, string>>;
  readonly method: 'POST' | 'PUT';
  readonly path: string;
  /** `Idempotency-Key`, and the id of the write where `isCounted`. */
  readonly key: string;
  readonly body: object;
  /** Whether its text is the key, so that the checker finds it in the database. */
  readonly isCounted: boolean;
  /** Breaks off after so many milliseconds and never asks again, as somebody does who closes the browser. */
  readonly cutAfterMs?: number | undefined;
  /** Keeps the cookies that an answer sets. */
  readonly onCookies?: ((lines: readonly string[]) => void) | undefined;
  /** How long to go on asking. Default two minutes. */
  readonly patienceMs?: number;
}

export interface HttpSurroundings {
  readonly url: string;
  readonly log: WriterLog;
  readonly history: History;
}

/** A person at a browser that tries again until it is answered. Undefined: cut off, or refused by a rule. */
export async function patiently<T>(wish: Wish, { url, log, history }: HttpSurroundings): Promise<T | undefined> {
  const startedAt = performance.now();
  if (wish.isCounted) log.begin(wish.key);
  for (let tries = 1; ; tries++) {
    const { status, body } = await ask(wish, url);
    const hasTakenMs = Math.round(performance.now() - startedAt);
    const isOver = wish.cutAfterMs !== undefined || hasTakenMs > (wish.patienceMs ?? PATIENCE_MS);
    const isPassing = status === 0 || status >= 500 || status === 429 || isInProgress(status, body);
    if (isPassing && !isOver) {
      await pause(RETRY_MS);
      continue;
    }
    history.note(wish.who, `${wish.method} ${shape(wish.path)}`, { key: wish.key, status, tries, ms: hasTakenMs });
    if (status < 200 || status >= 300) return undefined;
    if (wish.isCounted) log.acknowledge(wish.key);
    return body as T;
  }
}

async function ask(wish: Wish, url: string): Promise<{ status: number; body: unknown }> {
  try {
    const response = await fetch(url + wish.path, {
      method: wish.method,
      signal: AbortSignal.timeout(wish.cutAfterMs ?? TIMEOUT_MS),
      headers: {
        ...wish.headers,
        'content-type': 'application/json',
        ...(wish.method === 'POST' && { 'idempotency-key': wish.key }),
      },
      body: JSON.stringify(wish.body),
    });
    const text = await response.text();
    wish.onCookies?.(response.headers.getSetCookie());
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
