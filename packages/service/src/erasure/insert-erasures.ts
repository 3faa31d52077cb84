import type { EntityManager } from 'typeorm';

export interface RequestedErasure {
  readonly id: string;
  readonly personHash: string;
  readonly requestedAt: Date;
}

/** Adds erasures to the register. in: erasures · out: nothing · lock: none · race: another replica hears of the same ones: each stays once. */
export async function insertErasures(
  manager: Pick<EntityManager, 'query'>,
  erasures: readonly RequestedErasure[],
): Promise<void> {
  await manager.query(
    `insert into erasures (id, person_hash, requested_at)
     select * from unnest($1::uuid[], $2::text[], $3::timestamptz[]) on conflict (id) do nothing`,
    [
      erasures.map(({ id }) => id),
      erasures.map(({ personHash }) => personHash),
      erasures.map(({ requestedAt }) => requestedAt),
    ],
  );
}
