import type { EntityManager } from 'typeorm';
import type { RequestedErasure } from './insert-erasures.js';

export interface RegisteredErasure extends RequestedErasure {
  readonly erasedAt: Date | null;
  readonly counts: Record<string, number>;
  /** Every replica has read the register since it was entered. */
  readonly isKnownToAll: boolean;
}

const COLUMNS = `id, person_hash as "personHash", requested_at as "requestedAt", erased_at as "erasedAt", counts`;

/** The whole register. in: how long a replica may take to read it anew · out: its entries · lock, race: none. */
export function loadErasures(manager: Pick<EntityManager, 'query'>, settleMs: number): Promise<RegisteredErasure[]> {
  return manager.query(
    `select ${COLUMNS}, heard_at < now() - make_interval(secs => $1 / 1000.0) as "isKnownToAll" from erasures`,
    [settleMs],
  );
}

export interface RegisterState {
  readonly size: number;
  readonly newest: Date | null;
  /** Not erased yet. */
  readonly open: number;
}

/** Whether the register has to be loaded anew, which is asked every second. in: nothing · out: what tells · lock, race: none. */
export async function loadState(manager: Pick<EntityManager, 'query'>): Promise<RegisterState> {
  const [state]: [RegisterState] = await manager.query(
    `select count(*)::int as size, max(heard_at) as newest, count(*) filter (where erased_at is null)::int as open from erasures`,
  );
  return state;
}

/** One entry. in: its id · out: the entry or null · lock, race: none. */
export async function loadErasure(
  manager: Pick<EntityManager, 'query'>,
  id: string,
): Promise<Omit<RegisteredErasure, 'isKnownToAll'> | null> {
  const [row] = await manager.query(`select ${COLUMNS} from erasures where id = $1`, [id]);
  return row ?? null;
}
