/** One line of the table: what is measured, and what it is compared with. */
export interface Row {
  /** For `--only`. */
  readonly name: string;
  /** Takes minutes, so it only runs when `--only` names it. */
  readonly isLong?: boolean;
  /** What is measured, in words. */
  readonly title: string;
  run(context: Context): Promise<Measured>;
}

export interface Context {
  /** Few events: tests that it works, not how fast. */
  readonly isQuick: boolean;
  /** Prints a line about the progress. */
  progress(line: string): void;
  /**
   * Runs each contender several times and prints each result. Contenders take turns, so that other load on the machine affects all of
   * them.
   * @param contenders what is measured, in words → how: one figure per call
   */
  measure<Name extends string>(
    contenders: Readonly<Record<Name, () => Promise<number>>>,
  ): Promise<Record<Name, Figure>>;
  /** The folder for pictures. */
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
  /** What a reader needs to know to judge the figures. */
  readonly notes?: readonly string[];
  /** More data for the JSON. */
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
