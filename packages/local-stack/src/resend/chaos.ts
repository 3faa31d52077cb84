import type { Fault } from './faults.js';

/** Each with the probability that it happens to a sending request; at most one of them does. They add up to 1 or less. */
export interface ChaosOptions {
  /** The same seed gives the same draws, in the order in which requests arrive. */
  seed: number;
  /** Connection reset before the request is read. */
  reset?: number;
  /** Connection destroyed, nothing accepted. */
  dropBefore?: number;
  /** Connection destroyed, everything accepted. */
  dropAfter?: number;
  /** No answer, nothing accepted. */
  hangBefore?: number;
  /** No answer, everything accepted. */
  hangAfter?: number;
  /** 500 or 503, nothing accepted. */
  failBefore?: number;
  /** 500, everything accepted. */
  failAfter?: number;
  /** 429 with `retry-after: 1`, nothing accepted. */
  throttle?: number;
  /** 200 and no JSON, everything accepted. */
  garbageAfter?: number;
  /** Half an answer, everything accepted. */
  truncateAfter?: number;
  /** Accepted late, up to `longestDelayMs`. */
  delayBefore?: number;
  /** Answered late, up to `longestDelayMs`. */
  delayAfter?: number;
  /** Default 500. */
  longestDelayMs?: number;
}

type Kind = Exclude<keyof ChaosOptions, 'seed' | 'longestDelayMs'>;

const FAULTS: Record<Kind, (random: () => number, longestMs: number) => Fault> = {
  reset: () => ({ at: 'arrival', answer: 'drop' }),
  dropBefore: () => ({ at: 'before', answer: 'drop' }),
  dropAfter: () => ({ at: 'after', answer: 'drop' }),
  hangBefore: () => ({ at: 'before', answer: 'hang' }),
  hangAfter: () => ({ at: 'after', answer: 'hang' }),
  failBefore: (random) => ({ at: 'before', answer: { status: random() < 0.5 ? 500 : 503 } }),
  failAfter: () => ({ at: 'after', answer: { status: 500 } }),
  throttle: () => ({ at: 'before', answer: { status: 429, retryAfterSeconds: 1 } }),
  garbageAfter: () => ({ at: 'after', answer: 'garbage' }),
  truncateAfter: () => ({ at: 'after', answer: 'truncate' }),
  delayBefore: (random, longestMs) => ({ at: 'before', delayMs: Math.ceil(random() * longestMs) }),
  delayAfter: (random, longestMs) => ({ at: 'after', delayMs: Math.ceil(random() * longestMs) }),
};

export class Chaos {
  private readonly random: () => number;

  constructor(private readonly options: ChaosOptions) {
    this.random = seededRandom(options.seed);
  }

  /** What happens to the next request. */
  draw(): Fault | undefined {
    let left = this.random();
    for (const kind of Object.keys(FAULTS) as Kind[]) {
      left -= this.options[kind] ?? 0;
      if (left < 0) return FAULTS[kind](this.random, this.options.longestDelayMs ?? 500);
    }
    return undefined;
  }
}

/** Numbers from 0 to below 1, evenly spread; the same seed gives the same ones. mulberry32, plenty for choosing among a few things. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
