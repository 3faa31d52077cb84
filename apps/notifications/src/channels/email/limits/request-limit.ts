import type { Allowance } from '../../channel.js';
import { LONG_WAIT_MS } from '../fail-over/outage.js';
import { blocksFor, blocksOf, MAX_LIMIT, tokensIn } from './blocks.js';

/** What the headers of an answer say of a limit. */
export interface RateHeaders {
  /** Requests that fit into a window. */
  limit?: number;
  /** Requests left in it for the whole account, whoever makes them. */
  remaining?: number;
  /** Until it ends, rounded up to whole seconds. */
  resetMs?: number;
}

/** Where the blocks of one provider's limit are leased, and what all replicas should know of it is kept. */
export interface LimitPool {
  /**
   * Leases some of the first `count` blocks, those that we hold before others, then those from `kept` on.
   * @returns their numbers; fewer than wanted where others hold the rest
   */
  lease(wanted: { count: number; kept: number; blocks: number; leaseMs: number }): Promise<readonly number[]>;
  /** The limit that an answer named; null for none. */
  learned(limit: number | null, windowMs: number): void;
  /** The provider wants to be left alone. */
  paused(forMs: number): void;
}

export interface RequestLimitOptions {
  readonly maxInFlight: number;
  /** Requests per second by the configuration. */
  readonly rate?: number | undefined;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
}

type Kind = 'alerts' | 'requested';

const KINDS: readonly Kind[] = ['alerts', 'requested'];
/** Windows are one second long; a shorter one would be a rounding error. */
const WINDOW_MS = 1_000;
/** How soon to ask again when all allowed requests are in flight: any answer may change that. */
const ASK_AGAIN_MS = 50;
/** How long a block may be used, and how much longer nobody else may have it, beside a window. */
const HOLD_MS = 3_000;
const RENEW_MS = 2_000;
const GRACE_MS = 1_000;
/** A wrong `Retry-After` must not keep a provider unused for a day: a request each ten minutes does no harm. */
export const LONGEST_PAUSE_MS = 600_000;
/** How often the same limit is stored again: one that no answer has named for a day is forgotten. */
const SAVE_AGAIN_MS = 3_600_000;

/**
 * How many requests to one provider may begin now. Two bounds, and the lower one counts:
 * - Our own: what we hold of the limit, all of it or the blocks that we have leased. A request takes capacity from its beginning until
 *   the window that counted it is certainly over, which is the end that its answer names, counted from when we read it. So no window
 *   gets more of our requests than that, however long answers take and in whichever order they come.
 * - The account's: what the newest answer leaves of the current window. Others may use the same account.
 *
 * Alerts use 70 % of a limit, what guests have requested all of it. Before the first answer, and after a pause without a known limit, a
 * single request goes first to learn it. A shared limit gets no request before the first look at what other replicas have learned.
 */
export class RequestLimit {
  private limit: number;
  private isKnown: boolean;
  private readonly inFlight: Record<Kind, number> = { alerts: 0, requested: 0 };
  private pausedUntil = 0;
  private isLongPause = false;
  /** How long a request holds its capacity when no answer names the end of its window. */
  private windowMs = WINDOW_MS;
  /** When each request that has ended releases its capacity, in order of ending. */
  private releases: { until: number; kind: Kind }[] = [];
  private left: { calls: number; until: number } | undefined;
  private pool: LimitPool | undefined;
  /** What other replicas have learned is known. */
  private hasHeard = false;
  /** When the limit was stored last. */
  private savedAt = Number.NEGATIVE_INFINITY;
  /** Blocks that we hold, and until when. */
  private blocks = new Map<number, number>();
  /** Others hold what we wanted. */
  private readonly isRefused: Record<Kind, boolean> = { alerts: false, requested: false };
  private leasing: Promise<void> = Promise.resolve();

  constructor(private readonly options: RequestLimitOptions) {
    this.limit = options.rate ?? 1;
    this.isKnown = options.rate !== undefined;
  }

  /** From now on the limit belongs to all replicas, and we use what we lease of it. */
  share(pool: LimitPool): void {
    this.pool = pool;
  }

  /** A request is about to go out. @returns null when it may; else how long to wait, in milliseconds, and it is not counted */
  async begin(isRequested = false): Promise<number | null> {
    const kind = kindOf(isRequested);
    if (this.isUnheard) return ASK_AGAIN_MS;
    if (this.isShared) {
      const pauseMs = this.pausedUntil - this.options.now();
      if (pauseMs > 0) return Math.ceil(pauseMs);
      if (this.free(kind) <= 0) await this.lease(kind);
      else if (this.endsSoon(kind)) void this.lease(kind);
      if (this.free(kind) <= 0) return this.allowance().againInMs || ASK_AGAIN_MS;
    }
    this.inFlight[kind] += 1;
    return null;
  }

  /** It has ended. No `headers`: no answer came. `isTaken`: the provider did what was requested. */
  end(headers?: RateHeaders, { isTaken = false, isRequested = false } = {}): void {
    const now = this.options.now();
    const kind = kindOf(isRequested);
    this.inFlight[kind] -= 1;
    this.windowMs = Math.max(this.windowMs, headers?.resetMs ?? 0);
    const until = now + Math.max(headers?.resetMs ?? this.windowMs, WINDOW_MS);
    if (headers?.limit !== undefined) this.learn(headers.limit);
    // A server without such headers has no limit of this kind.
    else if (isTaken && !this.isKnown) this.limit = Number.POSITIVE_INFINITY;
    this.releases = Number.isFinite(this.limit)
      ? [...this.releases.filter((release) => release.until > now), { until, kind }]
      : [];
    if (headers?.remaining !== undefined) this.left = { calls: headers.remaining, until };
  }

  /** No request for `wantedMs`, ten minutes at most, by any replica. Where no limit is known a single one goes then. */
  pause(wantedMs: number): void {
    const forMs = Math.min(wantedMs, LONGEST_PAUSE_MS);
    this.pauseHere(forMs);
    this.pool?.paused(forMs);
    if (this.isShared || this.options.rate !== undefined) return;
    this.limit = 1;
    this.isKnown = false;
  }

  /** What other replicas have learned; of some of it perhaps nothing. */
  heard({ limit, windowMs, pausedMs }: { limit: number | null; windowMs: number; pausedMs: number }): void {
    this.hasHeard = true;
    if (pausedMs > 0) this.pauseHere(pausedMs);
    if (limit === null || this.options.rate !== undefined) return;
    this.limit = limit;
    this.isKnown = true;
    this.windowMs = Math.max(this.windowMs, windowMs);
  }

  /** Once a second: renews the blocks of requests on their way, and tries again to lease what others held. */
  async refresh(): Promise<void> {
    if (!this.isShared) return;
    for (const kind of KINDS) {
      if (this.inFlight[kind] > 0) await this.inTurn(() => this.renewUsed(kind));
      if (!this.isRefused[kind]) continue;
      this.isRefused[kind] = false;
      await this.lease(kind);
    }
  }

  /** The provider wants to be left alone for so long that another one should be used. */
  get isPausedForLong(): boolean {
    return this.isLongPause && this.options.now() < this.pausedUntil;
  }

  allowance(): Allowance {
    const now = this.options.now();
    if (this.isUnheard) return none(ASK_AGAIN_MS);
    if (now < this.pausedUntil) return none(this.pausedUntil - now);
    const inFlight = this.inFlight.alerts + this.inFlight.requested;
    const left = this.left && now < this.left.until ? this.left.calls - inFlight : Number.POSITIVE_INFINITY;
    const most = Math.min(left, this.options.maxInFlight - inFlight);
    // One block more than we hold: whether it is to be had is known when something needs it.
    const more = (kind: Kind) => (this.isShared && !this.isRefused[kind] ? blocksOf(this.limit).size : 0);
    const own = this.free('alerts') + more('alerts');
    const calls = Math.max(Math.min(own, most), 0);
    const requestedCalls = Math.min(Math.max(this.free('requested') + more('requested'), own), most);
    const requested = requestedCalls > calls ? { requestedCalls } : {};
    if (calls > 0) return { calls, ...requested, againInMs: 0 };
    const releases = this.releases.filter(({ until }) => until > now).map(({ until }) => until);
    const ownWaitMs = own > 0 ? 0 : Math.min(...releases) - now;
    const leftWaitMs = left > 0 || !this.left ? 0 : this.left.until - now;
    return { ...none(Math.max(ownWaitMs, leftWaitMs)), ...requested };
  }

  private get isUnheard(): boolean {
    return this.pool !== undefined && !this.hasHeard;
  }

  private get isShared(): boolean {
    return this.pool !== undefined && this.isKnown && Number.isFinite(this.limit);
  }

  /** Requests of this kind that may begin within what we hold. */
  private free(kind: Kind): number {
    const all = this.held('requested') - this.used('requested');
    return kind === 'requested' ? all : Math.min(this.held('alerts') - this.used('alerts'), all);
  }

  /** Requests that take capacity for this kind: what guests have requested may use all, and so gets what alerts leave. */
  private used(kind: Kind): number {
    const now = this.options.now();
    const used = (of: Kind) =>
      this.inFlight[of] + this.releases.filter((release) => release.kind === of && release.until > now).length;
    return kind === 'alerts' ? used('alerts') : used('alerts') + used('requested');
  }

  /** Requests per window that we may make. */
  private held(kind: Kind): number {
    if (!this.isKnown || !Number.isFinite(this.limit)) return this.limit;
    return tokensIn(this.heldFor(kind), this.limit);
  }

  private endsSoon(kind: Kind): boolean {
    const soon = this.options.now() + HOLD_MS - RENEW_MS;
    return this.heldFor(kind).some((number) => (this.blocks.get(number) ?? 0) < soon);
  }

  /** Blocks that we hold now and may use for this kind. */
  private heldFor(kind: Kind): number[] {
    const now = this.options.now();
    const end = this.endOf(kind);
    if (!this.pool) return Array.from({ length: end }, (_, number) => number);
    return [...this.blocks].filter(([number, until]) => number < end && until > now).map(([number]) => number);
  }

  private lease(kind: Kind): Promise<void> {
    return this.inTurn(() => this.leaseNow(kind));
  }

  /** One after the other, so that each knows what the one before has got. */
  private inTurn(work: () => Promise<void>): Promise<void> {
    this.leasing = this.leasing.then(work).catch(() => undefined);
    return this.leasing;
  }

  /** Renews what we hold, and takes one block more when that is used up. */
  private async leaseNow(kind: Kind): Promise<void> {
    const isShort = this.free(kind) <= 0;
    if (!this.pool || (isShort ? this.isRefused[kind] : !this.endsSoon(kind))) return;
    this.isRefused[kind] = isShort;
    await this.leaseFrom(this.pool, kind, this.heldFor(kind).length + (isShort ? 1 : 0));
    this.isRefused[kind] = isShort && this.free(kind) <= 0;
  }

  /** Also blocks whose hold is over, as long as their lease lasts: their requests may reach the server any time. */
  private async renewUsed(kind: Kind): Promise<void> {
    const end = this.endOf(kind);
    const held = [...this.blocks.keys()].filter((number) => number < end).length;
    const blocks = Math.min(blocksFor(this.used(kind), this.limit), held);
    if (this.pool && blocks > 0) await this.leaseFrom(this.pool, kind, blocks);
  }

  private async leaseFrom(pool: LimitPool, kind: Kind, blocks: number): Promise<void> {
    const startedAt = this.options.now();
    const numbers = await pool.lease({
      count: this.endOf(kind),
      kept: blocksOf(this.limit).forAlerts,
      blocks,
      leaseMs: HOLD_MS + this.windowMs + GRACE_MS,
    });
    for (const number of numbers) this.blocks.set(number, startedAt + HOLD_MS);
  }

  /** Requests of this kind use the first so many blocks. */
  private endOf(kind: Kind): number {
    const { count, forAlerts } = blocksOf(this.limit);
    return kind === 'alerts' ? forAlerts : count;
  }

  private learn(named: number): void {
    const limit = Math.max(Math.min(named, this.options.rate ?? named), 1);
    const learned = limit > MAX_LIMIT ? Number.POSITIVE_INFINITY : limit;
    const now = this.options.now();
    if (this.isKnown && learned === this.limit && now - this.savedAt < SAVE_AGAIN_MS) return;
    this.limit = learned;
    this.isKnown = true;
    this.savedAt = now;
    this.pool?.learned(Number.isFinite(learned) ? learned : null, this.windowMs);
  }

  private pauseHere(forMs: number): void {
    const until = this.options.now() + forMs;
    if (until <= this.pausedUntil) return;
    this.pausedUntil = until;
    this.isLongPause = forMs >= LONG_WAIT_MS || this.isPausedForLong;
  }
}

function kindOf(isRequested: boolean): Kind {
  return isRequested ? 'requested' : 'alerts';
}

/** When only the end of a request in flight can change it, the wait is short. */
function none(waitMs: number): Allowance {
  return { calls: 0, againInMs: waitMs > 0 && Number.isFinite(waitMs) ? Math.ceil(waitMs) : ASK_AGAIN_MS };
}
