import type { EntityManager } from 'typeorm';

/** How long a session lasts without use, and how long it lasts at all. */
export const IDLE_SECONDS = 30 * 60;
const LONGEST_SECONDS = 8 * 60 * 60;

export interface NewSession {
  /** The challenge's id: a verification that is repeated because its answer was lost gets the same session. */
  readonly id: string;
  readonly tokenHash: Buffer;
  /** Normalised. */
  readonly email: string;
  readonly ticketId: string;
}

export interface LiveSession {
  readonly id: string;
  /** Normalised. */
  readonly email: string;
  readonly ticketIds: string[];
  /** When it ends unless it is used again. */
  readonly expiresAt: Date;
}

/**
 * SQL: whether a session is alive. `$idle` and `$longest` are the placeholders of the two constants above. It compares differences, which no
 * index covers: with statistics of a quiet night Postgres would otherwise scan the index of all sessions in use instead of finding the one.
 */
function isLive(idle: `$${number}`, longest: `$${number}`): string {
  return `now() - seen_at < make_interval(secs => ${idle}) and now() - created_at < make_interval(secs => ${longest})`;
}

/** Opens a session. The previous token of the browser is void afterwards (session fixation). Call it in a transaction. */
export async function openSession(
  manager: EntityManager,
  session: NewSession,
  formerHash: Buffer | null,
): Promise<void> {
  if (formerHash && (await renewSession(manager, formerHash, session))) return;
  if (formerHash) await endSession(manager, formerHash);
  await beginSession(manager, session);
}

/**
 * Begins a session.
 * in: the session · out: nothing · lock: its row · race: of two concurrent requests with the same verification, the later token is valid.
 */
async function beginSession(manager: EntityManager, session: NewSession): Promise<void> {
  await manager.query(
    `insert into sessions (id, token_hash, email, ticket_ids) values ($1, $2, $3, array[$4::uuid])
     on conflict (id) do update set token_hash = excluded.token_hash, seen_at = now()`,
    [session.id, session.tokenHash, session.email, session.ticketId],
  );
}

/**
 * Turns the live session of this browser into the new one if it is of the same address, and keeps its tickets.
 * in: SHA-256 of the old token, and the new session · out: whether there was one · lock: its row · race: a concurrent revocation finds the same
 * row before and after, which it would miss if a new row replaced it.
 */
export async function renewSession(manager: EntityManager, formerHash: Buffer, session: NewSession): Promise<boolean> {
  const [, count]: [unknown, number] = await manager.query(
    `update sessions set id = $1, token_hash = $2, created_at = now(), seen_at = now(),
       ticket_ids = case when ticket_ids @> array[$4::uuid] then ticket_ids else array_append(ticket_ids, $4::uuid) end
     where token_hash = $5 and email = $3 and ${isLive('$6', '$7')}`,
    [session.id, session.tokenHash, session.email, session.ticketId, formerHash, IDLE_SECONDS, LONGEST_SECONDS],
  );
  return count === 1;
}

/** Ends a session. in: SHA-256 of its token · out: nothing · lock: its row · race: the second of two calls finds nothing. */
export async function endSession(manager: EntityManager, tokenHash: Buffer): Promise<void> {
  await manager.query('delete from sessions where token_hash = $1', [tokenHash]);
}

/**
 * Deletes a session that is about to be begun again because the answer with its token was lost.
 * in: its id, SHA-256 of the token that the browser has · out: nothing · lock: its row · race: none, the caller holds the challenge's row. If the
 * browser has that very token, nothing was lost, and the session stays.
 */
export async function deleteLostSession(manager: EntityManager, id: string, presentHash: Buffer): Promise<void> {
  await manager.query('delete from sessions where id = $1 and token_hash <> $2', [id, presentHash]);
}

/**
 * Uses a session, which restarts its idle time.
 * in: SHA-256 of its token · out: the session, null if it is over or unknown · lock: its row · race: a session that is ended concurrently is
 * used before that, or not found.
 */
export async function touchSession(manager: EntityManager, tokenHash: Buffer): Promise<LiveSession | null> {
  const [[row]]: [(LiveSession | undefined)[], number] = await manager.query(
    `update sessions set seen_at = now() where token_hash = $1 and ${isLive('$2', '$3')}
     returning id, email, ticket_ids as "ticketIds",
       least(now() + make_interval(secs => $2), created_at + make_interval(secs => $3)) as "expiresAt"`,
    [tokenHash, IDLE_SECONDS, LONGEST_SECONDS],
  );
  return row ?? null;
}

/**
 * Looks at a session, which is no use of it.
 * in: SHA-256 of its token · out: the session, null if it is over or unknown · lock: none · race: none, it may be used or ended a moment later.
 */
export async function findSession(manager: EntityManager, tokenHash: Buffer): Promise<LiveSession | null> {
  const [row]: LiveSession[] = await manager.query(
    `select id, email, ticket_ids as "ticketIds",
       least(seen_at + make_interval(secs => $2), created_at + make_interval(secs => $3)) as "expiresAt"
     from sessions where token_hash = $1 and ${isLive('$2', '$3')}`,
    [tokenHash, IDLE_SECONDS, LONGEST_SECONDS],
  );
  return row ?? null;
}

/**
 * Adds a ticket to a session, by a link of the same address.
 * in: the session, the ticket, SHA-256 of the link · out: whether the session has it now · lock: the session's row, and the link's against
 * revocation · race: a concurrent revocation waits and then removes the ticket, or comes first and the link is no longer valid.
 */
export async function addTicket(
  manager: EntityManager,
  sessionId: string,
  ticketId: string,
  linkHash: Buffer,
): Promise<boolean> {
  const [, count]: [unknown, number] = await manager.query(
    `update sessions
     set ticket_ids = case when ticket_ids @> array[$2::uuid] then ticket_ids else array_append(ticket_ids, $2::uuid) end
     where id = $1 and exists (select from links l where l.token_hash = $3 and l.revoked_at is null for share)`,
    [sessionId, ticketId, linkHash],
  );
  return count === 1;
}

/**
 * Removes a ticket from the sessions that have it.
 * in: the ticket, and a normalised address or null for all · out: how many sessions · lock: those rows · race: a session that gets the ticket
 * concurrently is seen if its link or challenge was revoked before this call, in the same transaction.
 */
export async function removeTicket(manager: EntityManager, ticketId: string, email: string | null): Promise<number> {
  const [, count]: [unknown, number] = await manager.query(
    `update sessions set ticket_ids = array_remove(ticket_ids, $1::uuid)
     where ticket_ids @> array[$1::uuid] and email = coalesce($2, email)`,
    [ticketId, email],
  );
  return count;
}
