import type { EntityManager } from 'typeorm';

export interface AskedChallenge {
  readonly id: string;
  readonly linkHash: Buffer | null;
  readonly email: string;
  readonly expiresAt: Date;
}

/** in: the browser and the `Idempotency-Key`, hashed · out: the challenge it asked for, or null · lock: none · race: none. */
export async function findAsked(
  manager: EntityManager,
  browserHash: Buffer,
  askedWith: Buffer,
): Promise<AskedChallenge | null> {
  const [row]: (AskedChallenge | undefined)[] = await manager.query(
    `select id, link_hash as "linkHash", email, expires_at as "expiresAt"
     from challenges where browser_hash = $1 and asked_with = $2`,
    [browserHash, askedWith],
  );
  return row ?? null;
}
