import type { EntityManager } from 'typeorm';

export interface LinkRequest {
  readonly id: string;
  readonly number: string;
  readonly email: string;
  readonly isLate: boolean;
}

const FIRST_PAUSE_SECONDS = 10;
const LONGEST_PAUSE_SECONDS = 60;
/** Whoever has waited so long for a mail has asked again. */
const GIVEN_UP_SECONDS = 15 * 60;

/**
 * Takes requests that are due, and puts off their next try, so that whoever dies with one leaves it to others.
 * in: how many at most · out: the requests · lock: their rows, skipping locked ones · race: two replicas get different ones. One that
 * takes longer than the pause is done twice, which the notifier notices by its id.
 */
export async function claimRequests(manager: EntityManager, limit: number): Promise<LinkRequest[]> {
  const [rows]: [LinkRequest[], number] = await manager.query(
    `update link_requests set tries = tries + 1,
       due_at = now() + make_interval(secs => least($1 * 2 ^ least(tries, 10), $2))
     where id in (select id from link_requests where due_at <= now() order by due_at limit $3 for update skip locked)
     returning id, number, email, asked_at < now() - make_interval(secs => $4) as "isLate"`,
    [FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, limit, GIVEN_UP_SECONDS],
  );
  return rows;
}
