import { closeSync, openSync, writeSync } from 'node:fs';

interface HistoryLine {
  /** Milliseconds since the storm began. */
  readonly atMs: number;
  readonly actor: string;
  readonly action: string;
  readonly result: unknown;
}

/** Actions with actor and result, one JSON line each, written synchronously so that they survive a crash of the storm. */
export class History {
  /** By `<actor> <action>`. */
  readonly counts = new Map<string, number>();
  private readonly startedAt = performance.now();
  private readonly file: number | undefined;
  private last = '';

  /** @param path the file; without it, only the counts are kept */
  constructor(path?: string) {
    this.file = path === undefined ? undefined : openSync(path, 'w');
  }

  note(actor: string, action: string, result: unknown = 'done'): void {
    const atMs = Math.round(performance.now() - this.startedAt);
    const key = `${actor} ${action}`;
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
    if (actor === 'nemesis') this.last = action;
    const entry: HistoryLine = { atMs, actor, action, result };
    if (this.file !== undefined) writeSync(this.file, `${JSON.stringify(entry)}\n`);
  }

  /** The last action of the nemesis. */
  get lastAction(): string {
    return this.last;
  }

  close(): void {
    if (this.file !== undefined) closeSync(this.file);
  }
}
