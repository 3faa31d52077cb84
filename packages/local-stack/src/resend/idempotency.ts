import type { Clock } from './clock.js';
import { Problem } from './problems.js';

/** https://resend.com/docs/dashboard/emails/idempotency-keys */
const REMEMBERED_MS = 24 * 60 * 60 * 1_000;
const LONGEST_KEY = 256;

/** One request under one key of one API key. `body` is a hash of its bytes. */
export interface IdempotentRequest {
  apiKey: string;
  key: string;
  body: string;
}

interface Entry {
  body: string;
  /** The 2xx answer, undefined while the first request is still being worked on. */
  answer?: string;
  at: number;
}

/**
 * What was answered under which key in the last 24 hours. A key belongs to its API key, whatever the endpoint. Only
 * success is remembered: after a failure the same key may be used again, with any body.
 */
export class IdempotencyMemory {
  private readonly entries = new Map<string, Entry>();

  constructor(private readonly clock: Clock) {}

  /**
   * @returns the answer that is to be given again, or undefined: then the caller works on it, and ends with
   * {@link complete} or {@link release}.
   * @throws Problem
   */
  begin({ apiKey, key, body }: IdempotentRequest): string | undefined {
    if (key.length === 0 || key.length > LONGEST_KEY)
      throw new Problem('invalid_idempotency_key', `An idempotency key has 1 to ${LONGEST_KEY} characters.`);
    const name = nameOf(apiKey, key);
    const entry = this.entries.get(name);
    if (entry && (entry.answer === undefined || this.clock.now() - entry.at < REMEMBERED_MS)) {
      if (entry.body !== body)
        throw new Problem('invalid_idempotent_request', 'This idempotency key was used with another request body.');
      if (entry.answer === undefined)
        throw new Problem('concurrent_idempotent_requests', 'A request with this idempotency key is in progress.');
      return entry.answer;
    }
    this.entries.set(name, { body, at: this.clock.now() });
    return undefined;
  }

  complete({ apiKey, key, body }: IdempotentRequest, answer: string, at = this.clock.now()): void {
    this.entries.set(nameOf(apiKey, key), { body, answer, at });
  }

  release({ apiKey, key }: IdempotentRequest): void {
    const name = nameOf(apiKey, key);
    if (this.entries.get(name)?.answer === undefined) this.entries.delete(name);
  }

  clear(): void {
    this.entries.clear();
  }
}

function nameOf(apiKey: string, key: string): string {
  return `${apiKey}\n${key}`;
}
