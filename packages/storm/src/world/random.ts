import { seededRandom } from '@bellhop/local-stack';

/** Random numbers determined by a seed: the same seed gives the same storm. */
export class Random {
  /** From 0 up to, not including, 1. */
  readonly next: () => number;

  constructor(private readonly seed: number) {
    this.next = seededRandom(seed);
  }

  /** A whole number, both ends included. */
  between(lowest: number, highest: number): number {
    return lowest + Math.floor(this.next() * (highest - lowest + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new Error('nothing to pick from');
    return items[Math.floor(this.next() * items.length)] as T;
  }

  /** An independent sequence for the n-th of something, whatever the others draw meanwhile. */
  branch(index: number): Random {
    return new Random(Math.imul(this.seed ^ (index + 1), 0x9e3779b1));
  }
}
