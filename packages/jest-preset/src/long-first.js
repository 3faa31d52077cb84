import { basename } from 'node:path';
import TestSequencer from '@jest/test-sequencer';
import { LONG_SPECS } from './long-specs.js';

const LONG_SECONDS = 30;

/**
 * Starts the long specs first, the rest in Jest's own order. Jest knows durations only from an earlier run on the same
 * machine; without them it goes by the size of files, and one long spec that starts late keeps everybody waiting.
 */
export default class LongFirst extends TestSequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    const isLong = (test) => secondsOf(test) >= LONG_SECONDS;
    const long = sorted.filter(isLong).sort((a, b) => secondsOf(b) - secondsOf(a));
    return [...long, ...sorted.filter((test) => !isLong(test))];
  }
}

/** As measured last time, which `super.sort` has noted, or as expected. */
function secondsOf({ path, duration }) {
  if (duration !== undefined) return duration / 1000;
  return LONG_SPECS[basename(path)]?.seconds ?? 0;
}
