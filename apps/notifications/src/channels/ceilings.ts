/** So many deliveries in so many milliseconds. */
interface Ceiling {
  readonly count: number;
  readonly windowMs: number;
}

/** How many deliveries of one channel somebody gets at most. What is over waits, and what is newer takes it in. */
export interface Ceilings {
  readonly perTicket: Ceiling;
  /** Of requesters alone: work of agents waits for no hour. */
  readonly perPerson: Ceiling;
  /** Of the team, which is no person. What is over becomes one digest of tickets. */
  readonly team: Ceiling;
}
