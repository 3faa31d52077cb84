/** At most `count` deliveries in `windowMs` milliseconds. */
interface Ceiling {
  readonly count: number;
  readonly windowMs: number;
}

/** How many deliveries of one channel somebody gets at most. Further ones wait, and a newer one may replace them. */
export interface Ceilings {
  readonly perTicket: Ceiling;
  /** For requesters only: mails to agents must not wait for an hour. */
  readonly perPerson: Ceiling;
  /** For the team, which is no person. Further deliveries become one digest of tickets. */
  readonly team: Ceiling;
}
