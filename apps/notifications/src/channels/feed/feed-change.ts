/** A feed that has changed, as its replicas tell each other after the commit. */
export interface FeedChange {
  readonly person: string;
  /** Its revision now. */
  readonly rev: number;
}

/** To be put behind what returns the people whose entries it has changed, as `changed`: raises each revision by one. */
export const RAISED = `raised as (
    update feed_revisions r set rev = r.rev + 1
    where r.person = any (array(select person from changed))
    returning r.person, r.rev
  )`;
