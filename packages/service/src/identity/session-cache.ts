import { createHash } from 'node:crypto';
import { temporarilyUnavailable } from '@bellhop/http';
import { RpcError } from '@bellhop/jetstream';
import type { GuestSession } from './guest-sessions.js';

/** 256 random bits in base64url; no request is made for anything else. */
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** A revoked session ends after this time at the latest. */
const FRESH_MS = 5_000;
/** While `guest-auth` is unavailable, its last reply is valid for this long. */
const STALE_MS = 5 * 60_000;
/** After a failure, no further request is made before this time has passed. */
const PAUSE_MS = 5_000;
const MAX_SESSIONS = 20_000;
/** Separate from the sessions, so that guesses evict none of them. */
const MAX_NOBODYS = 5_000;

interface Known<T> {
  readonly session: T;
  /** The time of the request, not of the reply: a revocation may come in between. */
  readonly askedAt: number;
  readonly freshUntil: number;
}

export type AskForSession = (token: string, isUse: boolean) => Promise<GuestSession | null>;

/** Caches for a moment what `guest-auth` replies about a cookie. Keyed by the SHA-256 of the token, which itself is not kept. */
export class SessionCache {
  private readonly sessions = new Map<string, Known<GuestSession>>();
  private readonly nobodys = new Map<string, Known<null>>();
  private readonly questions = new Map<string, Promise<GuestSession | null>>();

  constructor(
    private readonly ask: AskForSession,
    private readonly now: () => number = Date.now,
  ) {}

  /**
   * A use within five seconds of a look is not told to `guest-auth`: it is mostly a page that reads what it was told of.
   *
   * @throws Problem 503 when `guest-auth` is unavailable and no valid reply is cached
   */
  async find(token: string, isUse = true): Promise<GuestSession | null> {
    if (!TOKEN.test(token)) return null;
    const key = createHash('sha256').update(token).digest('base64url');
    const known = this.sessions.get(key) ?? this.nobodys.get(key);
    if (known && this.now() < known.freshUntil) return this.inForce(known.session);
    try {
      return this.inForce(await this.askedOnce(key, token, isUse));
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      return this.inForce(this.lastSaid(key, error));
    }
  }

  /** Concurrent lookups of one cookie share one request. */
  private askedOnce(key: string, token: string, isUse: boolean): Promise<GuestSession | null> {
    const asked = this.questions.get(key) ?? this.asked(key, token, isUse).finally(() => this.questions.delete(key));
    this.questions.set(key, asked);
    return asked;
  }

  private async asked(key: string, token: string, isUse: boolean): Promise<GuestSession | null> {
    const askedAt = this.now();
    const session = await this.ask(token, isUse);
    const freshUntil = askedAt + FRESH_MS;
    this.sessions.delete(key);
    this.nobodys.delete(key);
    if (session) keep(this.sessions, key, { session, askedAt, freshUntil }, MAX_SESSIONS);
    else keep(this.nobodys, key, { session, askedAt, freshUntil }, MAX_NOBODYS);
    return session;
  }

  private lastSaid(key: string, cause: RpcError): GuestSession {
    const known = this.sessions.get(key);
    if (known && this.now() < known.askedAt + STALE_MS) {
      this.sessions.set(key, { ...known, freshUntil: Math.min(this.now() + PAUSE_MS, known.askedAt + STALE_MS) });
      return known.session;
    }
    throw temporarilyUnavailable('Who you are cannot be checked at the moment. Try again in a few seconds.', cause);
  }

  /** A session ends at its own expiry, whatever is cached. */
  private inForce(session: GuestSession | null): GuestSession | null {
    return session && this.now() < Date.parse(session.expiresAt) ? session : null;
  }
}

/** Evicts the oldest entry. */
function keep<T>(known: Map<string, T>, key: string, value: T, max: number): void {
  for (const oldest of known.keys()) {
    if (known.size < max) break;
    known.delete(oldest);
  }
  known.set(key, value);
}
