import type { DedicatedConnection } from '@bellhop/postgres';
import { readUnpublished } from '../sql/read-unpublished.js';

const CHECK_EVERY_MS = 2_000;
/** Checks in a row that have to find the same oldest event. */
const CHECKS = 4;

/**
 * Detects on a passive replica that the active one publishes nothing: the oldest unpublished event stays the same. Without
 * this, only one of several replicas would report that NATS takes no events.
 */
export class StallDetector {
  private oldestId: string | undefined;
  private found = 0;
  private checkAt = 0;

  constructor(private readonly checkEveryMs = CHECK_EVERY_MS) {}

  /** To be called when this replica has become the active one. */
  reset(): void {
    this.found = 0;
    this.checkAt = 0;
  }

  /** Whether the oldest event has been the same for some seconds. Cheap to call often: it queries every `checkEveryMs`. */
  async isStalled(session: DedicatedConnection): Promise<boolean> {
    if (performance.now() >= this.checkAt) {
      this.checkAt = performance.now() + this.checkEveryMs;
      const [oldest] = await readUnpublished(session, '0', 1);
      this.found = oldest && oldest.id === this.oldestId ? this.found + 1 : Number(oldest !== undefined);
      this.oldestId = oldest?.id;
    }
    return this.found >= CHECKS;
  }
}
