import { budgetsOf } from '../budgets/network-budgets.js';
import type { Allowance } from './find-crowded.js';

/** How many tickets may wait for their address to be proven. `guest-auth` limits how fast they come; this, how many there are. */
export class FilingLimits {
  /** More than the budget of one day lets anybody prove before they are deleted. */
  readonly perAddress = 10;

  /** @param perInstance above this, each network may only file its share of a day */
  constructor(readonly perInstance: number) {}

  /** The share of a network while there are too many in all: one a day; the networks around it have multiples of that. */
  shareOf(network: string): readonly Allowance[] {
    return budgetsOf(network).map(({ network, factor }) => ({ network, max: factor }));
  }
}
