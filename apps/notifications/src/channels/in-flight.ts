/** Requests of a provider that are under way, so that closing can wait for them. */
export class InFlight {
  private readonly requests = new Set<Promise<unknown>>();

  async track<T>(request: Promise<T>): Promise<T> {
    this.requests.add(request);
    try {
      return await request;
    } finally {
      this.requests.delete(request);
    }
  }

  /** Resolves when all have ended, or after so many milliseconds. */
  async ended(maxMs?: number): Promise<void> {
    const all = Promise.all(this.requests);
    if (maxMs === undefined) return void (await all);
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, maxMs);
    });
    await Promise.race([all, limit]);
    clearTimeout(timer);
  }
}
