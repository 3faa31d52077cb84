import type { DedicatedConnection } from '@bellhop/postgres';
import { readUnpublished } from '../sql/read-unpublished.js';

const LOOK_EVERY_MS = 2_000;
/** As often as one event has to be found in the first place. */
const LOOKS = 4;

/**
 * Tells a replica that is not active whether the one that is gets anything published: while it does, another event is the
 * oldest each time. Without this only one of several replicas would say that NATS takes no events.
 */
export class StandingOutbox {
  private oldestId: string | undefined;
  private found = 0;
  private lookAt = 0;

  constructor(private readonly lookEveryMs = LOOK_EVERY_MS) {}

  /** Nothing is known any more, because this replica was active itself. */
  forget(): void {
    this.found = 0;
    this.lookAt = 0;
  }

  /** Whether the oldest event has been the same for some seconds. May be asked as often as one likes. */
  async isStanding(session: DedicatedConnection): Promise<boolean> {
    if (performance.now() >= this.lookAt) {
      this.lookAt = performance.now() + this.lookEveryMs;
      const [oldest] = await readUnpublished(session, '0', 1);
      this.found = oldest && oldest.id === this.oldestId ? this.found + 1 : Number(oldest !== undefined);
      this.oldestId = oldest?.id;
    }
    return this.found >= LOOKS;
  }
}
