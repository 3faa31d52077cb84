/** How many tickets may wait for their address to be proven. `guest-auth` limits how fast they come; this, how many there are. */
export class FilingLimits {
  /** More than its budget of a day lets anybody prove within the time that they are kept. */
  readonly perAddress = 10;

  constructor(readonly perInstance: number) {}
}
