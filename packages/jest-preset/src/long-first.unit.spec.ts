import { describe, expect, it } from '@jest/globals';
import LongFirst from './long-first.js';

/** A spec file as Jest hands it over; with what its cache knows when it has run before. */
interface Known {
  path: string;
  bytes: number;
  seconds?: number;
  hasFailed?: boolean;
}

function order(specs: readonly Known[]): string[] {
  class WithCache extends LongFirst {
    time = ({ path }: { path: string }) => {
      const seconds = specs.find((spec) => spec.path === path)?.seconds;
      return seconds === undefined ? undefined : seconds * 1000;
    };
    hasFailed = ({ path }: { path: string }) => specs.find((spec) => spec.path === path)?.hasFailed === true;
  }
  const context = { hasteFS: { getSize: (path: string) => specs.find((spec) => spec.path === path)?.bytes } };
  return new WithCache().sort(specs.map(({ path }) => ({ path, context }))).map(({ path }) => path);
}

describe('in which order specs start', () => {
  it('where nothing was ever measured: those that are known to be long, then the largest files', () => {
    const specs = [
      { path: '/r/a.unit.spec.ts', bytes: 10 },
      { path: '/r/large.int.spec.ts', bytes: 90_000 },
      { path: '/r/test/crashes.e2e.spec.ts', bytes: 50 },
      { path: '/r/test/up.e2e.spec.ts', bytes: 500 },
      { path: '/r/test/outages.e2e.spec.ts', bytes: 20 },
      { path: '/r/outages.int.spec.ts', bytes: 30 },
    ];
    expect(order(specs)).toEqual([
      '/r/test/outages.e2e.spec.ts',
      '/r/test/up.e2e.spec.ts',
      '/r/test/crashes.e2e.spec.ts',
      '/r/large.int.spec.ts',
      '/r/outages.int.spec.ts',
      '/r/a.unit.spec.ts',
    ]);
  });

  it('where it was: as measured, the long ones before those that failed, these before new ones', () => {
    const specs = [
      { path: '/r/new.unit.spec.ts', bytes: 10 },
      { path: '/r/quick.unit.spec.ts', bytes: 90, seconds: 1 },
      { path: '/r/failed.unit.spec.ts', bytes: 20, seconds: 2, hasFailed: true },
      { path: '/r/test/outages.e2e.spec.ts', bytes: 50, seconds: 40 },
      { path: '/r/slow.int.spec.ts', bytes: 50, seconds: 80 },
    ];
    expect(order(specs)).toEqual([
      '/r/slow.int.spec.ts',
      '/r/test/outages.e2e.spec.ts',
      '/r/failed.unit.spec.ts',
      '/r/new.unit.spec.ts',
      '/r/quick.unit.spec.ts',
    ]);
  });
});
