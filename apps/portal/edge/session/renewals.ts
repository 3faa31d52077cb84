import { createHash } from 'node:crypto';
import type { Session } from './session.js';

/** How long a late request with the old session still gets the new one: tabs ask at the same time, and answers cross. */
const KEPT_MS = 60_000;

/**
 * Renews each session once. A provider that rotates refresh tokens takes the second use of one for theft, and signs the person out
 * everywhere: so requests with the same token share one renewal, and its result for a minute.
 *
 * Each process knows its own renewals only. Several replicas need a provider that does not rotate (a client with a secret), or a
 * balancer that sends one browser to one replica.
 */
export class Renewals {
  private readonly running = new Map<string, Promise<Session>>();

  constructor(private readonly renew: (session: Session, refreshToken: string) => Promise<Session>) {}

  /** @throws what the provider's answer makes of it; then the next request tries again */
  of(session: Session, refreshToken: string): Promise<Session> {
    const key = createHash('sha256').update(refreshToken).digest('base64url');
    const known = this.running.get(key);
    if (known) return known;
    const renewal = this.renew(session, refreshToken);
    this.running.set(key, renewal);
    renewal.then(
      () => setTimeout(() => this.running.delete(key), KEPT_MS).unref(),
      () => this.running.delete(key),
    );
    return renewal;
  }
}
