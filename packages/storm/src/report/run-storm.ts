import { setTimeout as pause } from 'node:timers/promises';
import { waitFor } from '@bellhop/local-stack';
import { check } from '../checker/check.js';
import type { Evidence } from '../checker/evidence.js';
import type { Violation } from '../checker/violation.js';
import type { History } from '../history/history.js';
import { Nemesis, type Recovery } from '../nemesis/nemesis.js';
import { plan } from '../nemesis/plan.js';
import { Random } from '../world/random.js';
import { LEASE_MS, World, type WorldOptions } from '../world/world.js';
import { type Rates, startWriters } from '../writers/writers.js';

export interface StormOptions extends WorldOptions {
  readonly seed: number;
  /** How long faults are injected. The time after that, until the system is quiet, is limited by `quietMs`. */
  readonly durationMs: number;
  /** Ends the faults after so many steps of the plan, too. */
  readonly steps?: number;
  readonly quietMs: number;
  readonly rates?: Rates;
  readonly history: History;
  readonly onProgress?: (line: string) => void;
}

export interface StormResult {
  readonly evidence: Evidence;
  readonly violations: readonly Violation[];
  readonly recoveries: readonly Recovery[];
  readonly eventsRolledBack: number;
  /** From the first write until the system was quiet. */
  readonly lastedMs: number;
  /** From the last fault until the system was quiet. */
  readonly restMs: number;
}

const PROGRESS_MS = 5_000;
const FIRST_GUEST = { timeoutMs: 60_000, what: 'a first guest to prove the mailbox' };

/** One storm from start to end: a world of its own, writers, nemesis, waiting until it is quiet, and the check. */
export async function runStorm(options: StormOptions): Promise<StormResult> {
  const { history, seed, onProgress = () => undefined } = options;
  const world = await World.start(options);
  const startedAt = performance.now();
  const reporting = setInterval(() => {
    const seconds = Math.round((performance.now() - startedAt) / 1_000);
    void world
      .countAccepted()
      .then((mails) =>
        onProgress(`${seconds} s: ${world.log.count} written, ${mails} mails, last: ${history.lastAction}`),
      )
      .catch(() => undefined);
  }, PROGRESS_MS);
  try {
    const writing = startWriters(world, history, seed, options.rates);
    // A storm that no guest gets into shows nothing about guests: on a slow machine the first one takes a while.
    if (options.hasGuests) await waitFor(() => world.log.provenTickets.length > 0, FIRST_GUEST);
    const nemesis = new Nemesis(world, history);
    const faultsFrom = performance.now();
    const processes = world.apps.map(({ name }) => name);
    let left = options.steps ?? Number.POSITIVE_INFINITY;
    for (const { calmMs, actions } of plan(new Random(seed), { ...options, processes, leaseMs: LEASE_MS })) {
      await pause(calmMs);
      if (left-- <= 0 || performance.now() - faultsFrom > options.durationMs) break;
      await nemesis.run(actions);
    }
    const troubledMs = performance.now() - startedAt;
    await world.heal();
    await writing.finish();
    const isQuiet = await world.untilQuiet(options.quietMs);
    const lastedMs = performance.now() - startedAt;
    history.note('world', isQuiet ? 'quiet' : 'not quiet');
    const evidence = await world.collect();
    const violations = check(evidence);
    const { recoveries, eventsRolledBack } = nemesis;
    return { evidence, violations, recoveries, eventsRolledBack, lastedMs, restMs: lastedMs - troubledMs };
  } finally {
    clearInterval(reporting);
    await world.stop();
  }
}
