import type { EntityManager } from 'typeorm';

export interface NewSession {
  /** The challenge's id: whoever repeats a verification whose answer was lost begins the same session again. */
  readonly id: string;
  readonly tokenHash: Buffer;
  /** Normalised. */
  readonly email: string;
  readonly ticketId: string;
}

/**
 * Begins a session.
 * in: the session · out: nothing · lock: its row · race: a verification that is repeated while it runs: the later token is the one that works.
 */
export async function beginSession(manager: EntityManager, session: NewSession): Promise<void> {
  await manager.query(
    `insert into sessions (id, token_hash, email, ticket_ids) values ($1, $2, $3, array[$4::uuid])
     on conflict (id) do update set token_hash = excluded.token_hash, seen_at = now()`,
    [session.id, session.tokenHash, session.email, session.ticketId],
  );
}
