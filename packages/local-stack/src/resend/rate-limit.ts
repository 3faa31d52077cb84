import type { Clock } from './clock.js';
import { Problem } from './problems.js';

/** Requests per window, of all API keys together: Resend counts by team. */
export interface RateLimitOptions {
  limit: number;
  windowMs: number;
}

/** Mails (each recipient counts) until the quota is used up; left out: without end. */
export interface QuotaOptions {
  daily?: number | undefined;
  monthly?: number | undefined;
}

export const NO_LIMIT: RateLimitOptions = { limit: 1_000_000, windowMs: 1_000 };
const DAY_MS = 24 * 60 * 60 * 1_000;

/** https://resend.com/docs/api-reference/rate-limit: fixed windows, told in the headers of every answer. */
export class RateLimit {
  private used = 0;
  private endsAt = 0;

  constructor(
    private readonly clock: Clock,
    public options: RateLimitOptions,
  ) {}

  /** Counts one request. @returns whether it may go on. */
  take(): boolean {
    this.roll();
    this.used++;
    return this.used <= this.options.limit;
  }

  /** Seconds are rounded up: who waits that long is let in. */
  headers(): Record<`ratelimit-${'limit' | 'remaining' | 'reset'}`, string> {
    this.roll();
    return {
      'ratelimit-limit': String(this.options.limit),
      'ratelimit-remaining': String(Math.max(0, this.options.limit - this.used)),
      'ratelimit-reset': String(Math.ceil((this.endsAt - this.clock.now()) / 1_000)),
    };
  }

  private roll(): void {
    const now = this.clock.now();
    if (now < this.endsAt) return;
    this.used = 0;
    this.endsAt = now + this.options.windowMs;
  }
}

/** Counts by the day and by thirty of them; a quota that is used up is a 429 that no quick retry cures. */
export class Quota {
  private readonly used = { daily: { count: 0, endsAt: 0 }, monthly: { count: 0, endsAt: 0 } };

  constructor(
    private readonly clock: Clock,
    public options: QuotaOptions,
  ) {}

  /** @throws Problem when `count` more would be too many; then none of them is counted */
  take(count: number): void {
    const now = this.clock.now();
    for (const [name, days] of [['daily', 1] as const, ['monthly', 30] as const]) {
      const used = this.used[name];
      if (now >= used.endsAt) Object.assign(used, { count: 0, endsAt: now + days * DAY_MS });
      if (used.count + count > (this.options[name] ?? Number.POSITIVE_INFINITY))
        throw new Problem(`${name}_quota_exceeded`, `The ${name} sending quota is used up.`);
    }
    this.used.daily.count += count;
    this.used.monthly.count += count;
  }
}
