import { randomUUID } from 'node:crypto';
import type { Database } from '@bellhop/service';
import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { leaseBlocks } from './lease-blocks.js';
import { loadLimits, saveLimit, savePause } from './provider-limits.js';
import type { LimitPool, RequestLimit } from './request-limit.js';

/** How often to look at what other replicas have learned, and to ask again for blocks that they hold. */
const LOOK_MS = 1_000;

const NOTHING_KNOWN = { limit: null, windowMs: 0, pausedMs: 0 };

/** The limits of all providers of one process, shared with the other replicas in Postgres. */
export class SharedLimits {
  private readonly log = new Logger(SharedLimits.name);
  private readonly holder = randomUUID();
  private readonly limits = new Map<string, RequestLimit>();
  private timer: NodeJS.Timeout | undefined;
  private look: Promise<void> | undefined;

  /** @param database looked at each time: it is there once the app has started */
  constructor(private readonly database: Pick<Database, 'isReady' | 'background' | 'whenBackgroundReady'>) {}

  /** From now on a provider's limit is shared. */
  add(provider: string, limit: RequestLimit): void {
    this.limits.set(provider, limit);
    limit.share(this.poolOf(provider));
    if (this.timer) return;
    this.timer = setInterval(() => this.startLook(), LOOK_MS).unref();
    // The first request waits for it.
    void this.database.whenBackgroundReady().then(() => this.startLook());
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.look;
  }

  private startLook(): void {
    this.look ??= this.lookNow().finally(() => {
      this.look = undefined;
    });
  }

  private async lookNow(): Promise<void> {
    if (!this.database.isReady) return;
    try {
      const limits = [...this.limits];
      const known = await loadLimits(
        this.database.background,
        limits.map(([provider]) => provider),
      );
      const knownOf = new Map(known.map((one) => [one.provider, one]));
      for (const [provider, limit] of limits) limit.heard(knownOf.get(provider) ?? NOTHING_KNOWN);
      await Promise.all(limits.map(([, limit]) => limit.refresh()));
    } catch (error) {
      this.log.warn({ message: 'limits of mail providers not read, trying again', error });
    }
  }

  private poolOf(provider: string): LimitPool {
    const { holder } = this;
    return {
      lease: (wanted) => leaseBlocks(this.database.background, { provider, holder, ...wanted }),
      learned: (limit, windowMs) => this.save((on) => saveLimit(on, { provider, limit, windowMs })),
      paused: (forMs) => this.save((on) => savePause(on, provider, forMs)),
    };
  }

  /** Nothing waits for it: without it other replicas learn it from their own answers. */
  private save(write: (on: DataSource) => Promise<void>): void {
    if (!this.database.isReady) return;
    write(this.database.background).catch((error: unknown) => {
      this.log.warn({ message: 'limit of a mail provider not stored', error });
    });
  }
}
