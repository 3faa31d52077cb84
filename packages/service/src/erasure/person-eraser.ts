import type { EntityManager } from 'typeorm';

/** Somebody who is to be forgotten, of whom nothing but a hash is known. */
export interface ErasedPerson {
  /** Whether one of these identities (`addressIdentity`, `accountIdentity`) is theirs. */
  is(...identities: string[]): boolean;
}

/** What an app has of people, and how it forgets one. */
export abstract class PersonEraser {
  /**
   * Erases all there is of a person, in the caller's transaction. Finding nothing is as good as finding much: it is asked again after
   * a restored backup.
   *
   * @returns how many of each kind; null when something of them is on its way to others at this moment: it is asked again soon
   */
  abstract erase(manager: EntityManager, person: ErasedPerson): Promise<Record<string, number> | null>;

  /** What the database does not hold, after the commit. What a crash leaves undone is for housekeeping to find. */
  async afterwards(): Promise<void> {}
}
