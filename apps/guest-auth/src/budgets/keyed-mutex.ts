/** Runs work of the same key one at a time, in the order of the calls; work of different keys runs concurrently. */
export class KeyedMutex {
  /** The last call of each key. */
  private readonly tails = new Map<string, Promise<unknown>>();

  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const running = (this.tails.get(key) ?? Promise.resolve()).then(work);
    // The caller gets the error; the next of this key only waits for the end.
    const tail = running.catch(() => undefined);
    this.tails.set(key, tail);
    try {
      return await running;
    } finally {
      if (this.tails.get(key) === tail) this.tails.delete(key);
    }
  }
}
