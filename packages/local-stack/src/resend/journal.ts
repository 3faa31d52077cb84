import { appendFileSync, existsSync, readFileSync, truncateSync } from 'node:fs';
import type { AcceptedEmail } from './email-events.js';
import type { IdempotentRequest } from './idempotency.js';

/** What has to outlive a `kill -9` of the server: a provider does not forget what it took over. One JSON line each. */
export type JournalEntry =
  | { emails: AcceptedEmail[]; request: IdempotentRequest | null; answer: string; at: number }
  /** Webhooks that were taken or given up. */
  | { over: string[] };

export class Journal {
  private over: string[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly path: string) {}

  read(): JournalEntry[] {
    if (!existsSync(this.path)) return [];
    const bytes = readFileSync(this.path);
    const entries: JournalEntry[] = [];
    let from = 0;
    for (let end = bytes.indexOf('\n'); end >= 0; end = bytes.indexOf('\n', from)) {
      entries.push(JSON.parse(bytes.toString('utf8', from, end)) as JournalEntry);
      from = end + 1;
    }
    // What follows the last line end was being written when the server was killed, so nobody was told of it.
    truncateSync(this.path, from);
    return entries;
  }

  /** In the file when it returns; it survives the process, not the machine. */
  append(entry: JournalEntry): void {
    appendFileSync(this.path, `${JSON.stringify(entry)}\n`);
  }

  /** Written a moment later, many at once. If they are lost, some webhooks are sent again, which is allowed. */
  appendOver(id: string): void {
    this.over.push(id);
    this.timer ??= setTimeout(() => {
      if (this.over.length > 0) this.append({ over: this.over });
      this.over = [];
      this.timer = undefined;
    }, 50).unref();
  }

  clear(): void {
    this.over = [];
    if (existsSync(this.path)) truncateSync(this.path);
  }
}
