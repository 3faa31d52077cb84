/** A feed that has changed, as its replicas tell each other after the commit. */
export interface FeedChange {
  readonly person: string;
  /** Its revision now. */
  readonly rev: number;
}

/**
 * A revision is at least the time of the change, in milliseconds since 1970: so it goes on growing also where its row was lost, by an
 * erasure or with a restored backup, and open pages do not take what is new for old.
 */
export const NOW_AS_REVISION = `(extract(epoch from clock_timestamp()) * 1000)::bigint`;

/** To be put behind what returns the people whose entries it has changed, as `changed`: raises each revision. */
export const RAISED = `raised as (
    update feed_revisions r set rev = greatest(r.rev + 1, ${NOW_AS_REVISION})
    where r.person = any (array(select person from changed))
    returning r.person, r.rev
  )`;
