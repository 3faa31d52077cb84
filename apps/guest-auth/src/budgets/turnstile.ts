/** How long a refusal is remembered: long enough for a flood, and soon over when something is given back. */
const REMEMBERED_MS = 1_000;

/**
 * Keeps a flood from the database: who wants the same goes one by one, holding one connection, and what was refused a moment ago is
 * refused without asking. Each process has its own; that the sums are right is seen to in Postgres.
 */
export class Turnstile {
  private readonly tails = new Map<string, Promise<unknown>>();
  private readonly refusals = new Map<string, { forgottenAt: number; roomAt: number }>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Runs when all are done that came before with this key. */
  async pass<T>(key: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.tails.get(key) ?? Promise.resolve()).then(work);
    const tail = turn.catch(() => undefined);
    this.tails.set(key, tail);
    try {
      return await turn;
    } finally {
      if (this.tails.get(key) === tail) this.tails.delete(key);
    }
  }

  remember(key: string, seconds: number): void {
    const now = this.now();
    for (const [old, { forgottenAt }] of this.refusals) {
      // In the order of their ends, since each is put at the end anew.
      if (forgottenAt > now) break;
      this.refusals.delete(old);
    }
    this.refusals.delete(key);
    this.refusals.set(key, { forgottenAt: now + REMEMBERED_MS, roomAt: now + seconds * 1_000 });
  }

  /** For how many seconds it is refused still, as far as that is remembered; null when it is not. */
  refusedFor(key: string): number | null {
    const now = this.now();
    const refusal = this.refusals.get(key);
    if (!refusal || refusal.forgottenAt <= now) return null;
    return Math.max(1, Math.ceil((refusal.roomAt - now) / 1_000));
  }
}
