import { closeSync, openSync, writeSync } from 'node:fs';

interface Entry {
  /** Milliseconds since the storm began. */
  readonly atMs: number;
  readonly actor: string;
  readonly action: string;
  readonly result: unknown;
}

/** What was done, by whom, and what came of it: one JSON line each, written at once, so that it outlives a crash of the storm. */
export class History {
  /** By `<actor> <action>`. */
  readonly counts = new Map<string, number>();
  private readonly startedAt = performance.now();
  private readonly file: number | undefined;
  private last = '';

  /** @param path where to keep it; without it, only the counts are kept. */
  constructor(path?: string) {
    this.file = path === undefined ? undefined : openSync(path, 'w');
  }

  note(actor: string, action: string, result: unknown = 'done'): void {
    const atMs = Math.round(performance.now() - this.startedAt);
    const key = `${actor} ${action}`;
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
    if (actor === 'nemesis') this.last = action;
    const entry: Entry = { atMs, actor, action, result };
    if (this.file !== undefined) writeSync(this.file, `${JSON.stringify(entry)}\n`);
  }

  /** What nemesis did last. */
  get lastAction(): string {
    return this.last;
  }

  close(): void {
    if (this.file !== undefined) closeSync(this.file);
  }
}
