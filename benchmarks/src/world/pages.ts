import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('./pages-process.js', import.meta.url));

export type PagesOrder =
  | { readonly kind: 'open'; readonly url: string; readonly tokens: readonly string[] }
  | { readonly kind: 'listen'; readonly count: number };

export type PagesReport =
  | { readonly kind: 'open'; readonly count: number }
  | { readonly kind: 'listening' }
  /** When each page heard of it, in milliseconds since 1970. */
  | { readonly kind: 'heard'; readonly at: readonly number[] };

/** Pages with open streams, in a process of their own. It ends with its parent. */
export class Pages {
  private readonly ended: Promise<never>;

  private constructor(private readonly child: ChildProcess) {
    this.ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`the pages ended with ${code}`)));
    // Also when nobody waits for a report.
    this.ended.catch(() => undefined);
  }

  static start(): Pages {
    return new Pages(fork(SCRIPT));
  }

  /** Opens one stream for each token, and waits until each has had its first hint. */
  async open(url: string, tokens: readonly string[]): Promise<void> {
    await this.ask({ kind: 'open', url, tokens });
  }

  /** @returns when each page heard of what `tell` has told, in milliseconds since 1970 */
  async hear(count: number, tell: () => Promise<void>): Promise<readonly number[]> {
    await this.ask({ kind: 'listen', count });
    const heard = this.next();
    await tell();
    const report = await heard;
    return report.kind === 'heard' ? report.at : [];
  }

  async stop(): Promise<void> {
    this.child.disconnect();
    await this.ended.catch(() => undefined);
  }

  private async ask(order: PagesOrder): Promise<void> {
    const answer = this.next();
    this.child.send(order);
    await answer;
  }

  private async next(): Promise<PagesReport> {
    const [report] = (await Promise.race([once(this.child, 'message'), this.ended])) as [PagesReport];
    return report;
  }
}
