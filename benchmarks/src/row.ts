/** One line of the table: something that is measured, and what it is held against. */
export interface Row {
  /** For `--only`. */
  readonly name: string;
  /** Takes minutes: it is measured when it is named. */
  readonly isLong?: boolean;
  /** What is measured, in words. */
  readonly title: string;
  run(context: Context): Promise<Measured>;
}

export interface Context {
  /** Few events: to see that it works, not how fast. */
  readonly isQuick: boolean;
  /** Says on one line what is going on. */
  progress(line: string): void;
  /**
   * Measures as often as this run of the benchmarks wants, and says each result. Several take turns, so that whatever else the
   * machine has to do at the moment is everybody's.
   * @param contenders what is measured, in words → how: one figure per call
   */
  measure<Name extends string>(
    contenders: Readonly<Record<Name, () => Promise<number>>>,
  ): Promise<Record<Name, Figure>>;
  /** Where pictures go. */
  readonly folder: string;
}

/** One figure, measured several times. */
export interface Figure {
  /** What was done, such as `Bellhop` or `bare loop`. */
  readonly what: string;
  readonly runs: readonly number[];
}

export interface Measured {
  readonly unit: string;
  /** Ours. */
  readonly figures: readonly Figure[];
  /** The same work by others, or without our logic, in the same run. */
  readonly others?: readonly Figure[];
  readonly goals?: readonly Goal[];
  /** What a reader has to know to believe the figures. */
  readonly notes?: readonly string[];
  /** Whatever else is worth keeping, for the JSON. */
  readonly details?: unknown;
}

/** A number to reach. */
export interface Goal {
  /** Such as `at least 20,000 events/s`. */
  readonly text: string;
  /** What was reached, such as `31,204`. */
  readonly reached: string;
  readonly isReached: boolean;
}
