import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What has to be stopped or deleted at the end, the last that was added first. */
export class Cleanups {
  private readonly pending: (() => unknown)[] = [];

  /** @param report what to do with the error of a cleanup; default: standard error */
  constructor(
    private readonly report: (error: unknown) => void = (error) =>
      console.error('A cleanup failed; the others go on.', error),
  ) {}

  add(cleanup: () => unknown): void {
    this.pending.push(cleanup);
  }

  /** Waits until it has started, and stops it at the end. */
  async owned<T extends { stop(): unknown }>(starting: Promise<T>): Promise<T> {
    const started = await starting;
    this.add(() => started.stop());
    return started;
  }

  /** Creates a temporary folder, which is deleted at the end. */
  async folder(prefix: string): Promise<string> {
    const path = await mkdtemp(join(tmpdir(), prefix));
    this.add(() => rm(path, { recursive: true, force: true }));
    return path;
  }

  /** Runs each of them once. When one fails, that is reported, and the others run all the same. */
  async run(): Promise<void> {
    for (const cleanup of this.pending.splice(0).reverse()) {
      try {
        await cleanup();
      } catch (error) {
        this.report(error);
      }
    }
  }
}
