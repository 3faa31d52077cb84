import type { EntityManager } from 'typeorm';

/** A request for a fresh link, which the worker answers later. */
export interface LinkRequest {
  readonly id: string;
  readonly number: string;
  /** As typed. */
  readonly email: string;
  /** Whether it is so old that the guest has certainly requested another one. */
  readonly isLate: boolean;
}

const FIRST_PAUSE_SECONDS = 10;
const LONGEST_PAUSE_SECONDS = 60;
const LATE_AFTER_SECONDS = 15 * 60;

/** Stores a request. in: its id, number and address as typed · out: nothing · lock: none · race: none. */
export async function insertRequest(manager: EntityManager, id: string, number: string, email: string): Promise<void> {
  await manager.query('insert into link_requests (id, number, email) values ($1, $2, $3)', [id, number, email]);
}

/**
 * Claims due requests and postpones their next try, so that another replica takes over the requests of one that crashes.
 * in: how many at most · out: the requests · lock: their rows, skipping locked ones · race: two replicas claim different ones. A request that
 * takes longer than the pause is processed twice; the notifier recognises it by its id and sends one mail.
 */
export async function claimRequests(manager: EntityManager, limit: number): Promise<LinkRequest[]> {
  const [rows]: [LinkRequest[], number] = await manager.query(
    `update link_requests set tries = tries + 1,
       due_at = now() + make_interval(secs => least($1 * 2 ^ least(tries, 10), $2))
     where id in (select id from link_requests where due_at <= now() order by due_at limit $3 for update skip locked)
     returning id, number, email, asked_at < now() - make_interval(secs => $4) as "isLate"`,
    [FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, limit, LATE_AFTER_SECONDS],
  );
  return rows;
}

/** Removes a request that is done. in: its id · out: nothing · lock: its row · race: the second of two calls finds nothing. */
export async function deleteRequest(manager: EntityManager, id: string): Promise<void> {
  await manager.query('delete from link_requests where id = $1', [id]);
}
