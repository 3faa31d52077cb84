import type { Allowance } from '../../channel.js';

/** What the headers of an answer say (draft-ietf-httpapi-ratelimit-headers-06; https://resend.com/docs/api-reference/rate-limit). */
export interface RateHeaders {
  /** Requests that fit into a window. */
  limit?: number;
  /** Requests left in it for the whole account, whoever makes them. */
  remaining?: number;
  /** Until it ends, rounded up to whole seconds. */
  resetMs?: number;
}

/** Resend's windows are one second long; a shorter one would be a rounding error. */
const WINDOW_MS = 1_000;
/** How soon to ask again when all allowed requests are in flight: any answer may change that. */
const ASK_AGAIN_MS = 50;
/** Longest wait for a window, so that a wrong header does not stop us: the price of asking early is one refused request. */
const MAX_RESET_MS = 60_000;

/**
 * How many requests may begin now, learned from the answers alone. Two bounds, and the lower one counts:
 * - Our own: a request takes capacity from its beginning until the window that counted it is certainly over, which is the end
 *   that its answer names, counted from when we read it. So no window gets more of our requests than its limit, however long
 *   answers take and in whichever order they come.
 * - The account's: what the newest answer leaves of the current window. Other replicas use the same account.
 *
 * Before the first answer, and after a pause, a single request goes first to learn the limits.
 */
export class ResendLimits {
  private limit = 1;
  private hasHeaders = false;
  private inFlight = 0;
  private pausedUntil = 0;
  /** How long a request holds its capacity when no answer names the end of its window. */
  private windowMs = WINDOW_MS;
  /** When each request that has ended releases its capacity, in order of ending. */
  private releases: number[] = [];
  private left: { calls: number; until: number } | undefined;

  constructor(
    private readonly maxInFlight: number,
    /** Milliseconds on a clock that never goes back. */
    private readonly now: () => number,
  ) {}

  /** A request is about to go out. */
  begin(): void {
    this.inFlight += 1;
  }

  /** It has ended. No `headers`: no answer came. `isTaken`: the provider did what was requested. */
  end(headers?: RateHeaders, isTaken = false): void {
    const now = this.now();
    this.inFlight -= 1;
    this.windowMs = Math.max(this.windowMs, headers?.resetMs ?? 0);
    const until = now + Math.max(headers?.resetMs ?? this.windowMs, WINDOW_MS);
    if (headers?.limit !== undefined) {
      this.hasHeaders = true;
      this.limit = Math.max(headers.limit, 1);
    } else if (isTaken && !this.hasHeaders) {
      // A server without such headers has no limit of this kind.
      this.limit = Number.POSITIVE_INFINITY;
    }
    this.releases = Number.isFinite(this.limit) ? [...this.releases.filter((end) => end > now), until] : [];
    if (headers?.remaining !== undefined) this.left = { calls: headers.remaining, until };
  }

  /** No request for `forMs`; then a single one. */
  pause(forMs: number): void {
    this.pausedUntil = Math.max(this.pausedUntil, this.now() + forMs);
    this.limit = 1;
    this.hasHeaders = false;
  }

  allowance(): Allowance {
    const now = this.now();
    if (now < this.pausedUntil) return none(this.pausedUntil - now);
    const held = this.releases.filter((end) => end > now);
    const own = this.limit - this.inFlight - held.length;
    const shared = this.left && now < this.left.until ? this.left.calls - this.inFlight : own;
    const calls = Math.min(own, shared, this.maxInFlight - this.inFlight);
    if (calls > 0) return { calls, againInMs: 0 };
    const ownWaitMs = own > 0 ? 0 : Math.min(...held) - now;
    const sharedWaitMs = shared > 0 || !this.left ? 0 : this.left.until - now;
    return none(Math.max(ownWaitMs, sharedWaitMs));
  }
}

/** When only the end of a request in flight can change it, the wait is short. */
function none(waitMs: number): Allowance {
  return { calls: 0, againInMs: waitMs > 0 && Number.isFinite(waitMs) ? Math.ceil(waitMs) : ASK_AGAIN_MS };
}

/** Reads the headers that are there; one in another form counts as absent. */
export function rateHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): RateHeaders {
  const read = (name: string) => {
    const value = headers[name];
    const digits = /^\s*(\d{1,9})\b/.exec(typeof value === 'string' ? value : '')?.[1];
    return digits === undefined ? undefined : Number(digits);
  };
  const [limit, remaining, reset] = [read('ratelimit-limit'), read('ratelimit-remaining'), read('ratelimit-reset')];
  return {
    ...(limit !== undefined && { limit }),
    ...(remaining !== undefined && { remaining }),
    ...(reset !== undefined && { resetMs: Math.min(reset * 1_000, MAX_RESET_MS) }),
  };
}
