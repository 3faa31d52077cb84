import { randomUUID } from 'node:crypto';
import type { PushHeaders } from './request-rules.js';

/** A push that reached the service, whatever became of it. */
export interface ReceivedPush {
  id: string;
  /** Milliseconds since 1970, by the clock of the service. */
  at: number;
  endpoint: string;
  headers: PushHeaders;
  /** Of the body, as sent; 0 if nobody read it. */
  bytes: number;
  /** The key that signed its token, in base64url; null if there was no valid one. */
  vapidKey: string | null;
  /** Decrypted; null if nobody got so far. */
  text: string | null;
  /** Why it was refused, could not be decrypted, or what the service was told to do; one sentence. */
  problem: string | null;
  /** Whether the service has taken it. */
  isTaken: boolean;
  /** When a device that has been away until then no longer gets it, in milliseconds since 1970; null if it was not taken. */
  endsAt: number | null;
  /** The status answered; `dropped` if the connection ended before the whole answer was out, `open` as long as there is none. */
  outcome: number | 'dropped' | 'open';
}

export const MOST_KEPT = 10_000;

/** The latest pushes. */
export class ReceivedPushes {
  private readonly kept: ReceivedPush[] = [];
  private seen = 0;

  constructor(private readonly mostKept = MOST_KEPT) {}

  /** @returns the push, to be completed, and its number from 1 */
  open(endpoint: string, headers: PushHeaders, at: number): { push: ReceivedPush; request: number } {
    const push: ReceivedPush = {
      id: randomUUID(),
      at,
      endpoint,
      headers,
      bytes: 0,
      vapidKey: null,
      text: null,
      problem: null,
      isTaken: false,
      endsAt: null,
      outcome: 'open',
    };
    this.kept.push(push);
    if (this.kept.length > this.mostKept) this.kept.shift();
    return { push, request: ++this.seen };
  }

  take(push: ReceivedPush, ttlSeconds: number): void {
    push.isTaken = true;
    push.endsAt = push.at + ttlSeconds * 1_000;
  }

  /** The newest first. */
  all(): ReceivedPush[] {
    return this.kept.map((push) => ({ ...push, headers: { ...push.headers } })).reverse();
  }

  /**
   * What devices that come online now would get, the newest first: neither what is over nor what a later push with the same
   * topic has replaced (RFC 8030, 5.2 and 5.4).
   */
  shown(now: number): ReceivedPush[] {
    const replaced = new Set<string>();
    const isNewest = ({ endpoint, headers: { topic } }: ReceivedPush) => {
      if (topic === null) return true;
      const key = `${endpoint} ${topic}`;
      return !replaced.has(key) && replaced.add(key);
    };
    return this.all().filter(
      (push) => push.isTaken && isNewest(push) && (push.endsAt ?? 0) > now && push.problem === null,
    );
  }

  clear(): void {
    this.kept.length = 0;
    this.seen = 0;
  }
}
