import { rounded } from '../report/figures.js';
import type { Goal } from '../row.js';

export function goal(reached: number, atLeast: number, unit: string): Goal {
  return {
    text: `at least ${rounded(atLeast)} ${unit}`,
    reached: rounded(reached),
    isReached: reached >= atLeast,
  };
}

export function limit(reached: number, atMost: number, what: string): Goal {
  return {
    text: `${what} at most ${rounded(atMost)}`,
    reached: rounded(reached),
    isReached: reached <= atMost,
  };
}
