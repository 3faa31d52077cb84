import type { EntityManager } from 'typeorm';

/**
 * Spends a code that is right.
 * in: the challenge, and SHA-256 of the request's `Idempotency-Key` or null · out: `first` when we spent it, `again` when this very request has
 * before and its answer was lost, null when it opens nothing · lock: the challenge's row, and its link's against being revoked ·
 * race: the same code typed twice at once: one of them finds it spent. A challenge that was replaced meanwhile has another id.
 *
 * The time is a difference, so that no statistics of a quiet night send Postgres through the index of all that live (`isLive`).
 */
export async function spendCode(
  manager: EntityManager,
  challengeId: string,
  spentWith: Buffer | null,
): Promise<'first' | 'again' | null> {
  const [[row]]: [({ isFirst: boolean } | undefined)[], number] = await manager.query(
    `with found as (
       select c.id, c.spent_at from challenges c
       where c.id = $1 and c.expires_at - now() > interval '0' and (c.spent_at is null or c.spent_with = $2)
       for update
     ), linked as (
       select l.token_hash from links l join challenges c on c.link_hash = l.token_hash
       where c.id = $1 and l.revoked_at is null
       for share of l
     )
     update challenges c set spent_at = coalesce(c.spent_at, now()), spent_with = $2
     from found
     where c.id = found.id and (c.link_hash is null or exists (select from linked))
     returning found.spent_at is null as "isFirst"`,
    [challengeId, spentWith],
  );
  if (!row) return null;
  return row.isFirst ? 'first' : 'again';
}
