import TestSequencer from '@jest/test-sequencer';

/** Specs that set how long the whole run takes, with the seconds they need where nobody has measured yet. */
const EXPECTED_SECONDS = {
  'crash-points.e2e.spec.ts': 330,
  'sabotage.e2e.spec.ts': 280,
  'outages.e2e.spec.ts': 280,
  'attachment-fuzz.int.spec.ts': 230,
  'fuzz.e2e.spec.ts': 110,
  'resend.e2e.spec.ts': 110,
  'up.e2e.spec.ts': 100,
  'crashes.e2e.spec.ts': 90,
  'storm.e2e.spec.ts': 80,
  'cluster.e2e.spec.ts': 75,
};
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
  return EXPECTED_SECONDS[path.split(/[\\/]/).at(-1)] ?? 0;
}
