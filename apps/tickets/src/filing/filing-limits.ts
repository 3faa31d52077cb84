import { budgetsOf } from '../budgets/network-budgets.js';
import type { Allowance } from './find-crowded.js';

/** How many tickets may wait for their address to be proven. `guest-auth` limits how fast they come; this, how many there are. */
export class FilingLimits {
  /** More than its budget of a day lets anybody prove within the time that they are kept. */
  readonly perAddress = 10;

  /** @param perInstance from there on each network has its share of a day, and no more */
  constructor(readonly perInstance: number) {}

  /** What is left to a network when there are too many in all: one in a day, and the networks around it their multiples of that. */
  shareOf(network: string): readonly Allowance[] {
    return budgetsOf(network).map(({ network, factor }) => ({ network, max: factor }));
  }
}
