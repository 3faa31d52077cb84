import type { EntityManager } from 'typeorm';

/** 128 MiB: read in about a second, far below the statement timeout. */
const BLOCKS_AT_ONCE = 16_384;

/** A range of `ctid`, in the text format of Postgres. */
type Blocks = readonly [from: string, to: string];

/**
 * Scans a table of any size in ranges of blocks: needs no index, and no statement takes minutes. Rows written meanwhile may be
 * seen or not.
 */
async function inBlocks(manager: EntityManager, table: string, work: (blocks: Blocks) => Promise<void>): Promise<void> {
  const [{ blocks }]: [{ blocks: number }] = await manager.query(
    `select (pg_relation_size($1::text::regclass) / current_setting('block_size')::int)::int as blocks`,
    [table],
  );
  for (let from = 0; from <= blocks; from += BLOCKS_AT_ONCE)
    await work([`(${from},0)`, `(${from + BLOCKS_AT_ONCE},0)`]);
}

/** Reads the distinct values of some columns; a value comes once per range of blocks that holds it. */
export function everyRow<Row>(
  manager: EntityManager,
  { columns, table, where = 'true' }: { columns: string; table: string; where?: string },
  read: (row: Row) => void,
): Promise<void> {
  return inBlocks(manager, table, async (blocks) => {
    const rows: Row[] = await manager.query(
      `select distinct ${columns} from ${table} where ctid >= $1::text::tid and ctid < $2::text::tid and (${where})`,
      [...blocks],
    );
    for (const row of rows) read(row);
  });
}

/**
 * Deletes every row that meets a condition.
 * in: table, condition with `$3` for the values · out: how many rows · lock: those rows · race: rows written meanwhile may stay; the
 * caller makes sure that none are
 */
export function deleteEverywhere(
  manager: EntityManager,
  table: string,
  condition: string,
  values: readonly string[],
): Promise<number> {
  return changeEverywhere(manager, { table, change: `delete from ${table}`, condition }, values);
}

/** Updates those rows; in, out, lock and race as for {@link deleteEverywhere}. */
export function updateEverywhere(
  manager: EntityManager,
  { table, set, condition }: { table: string; set: string; condition: string },
  values: readonly string[],
): Promise<number> {
  return changeEverywhere(manager, { table, change: `update ${table} set ${set}`, condition }, values);
}

async function changeEverywhere(
  manager: EntityManager,
  { table, change, condition }: { table: string; change: string; condition: string },
  values: readonly string[],
): Promise<number> {
  let count = 0;
  if (values.length === 0) return count;
  await inBlocks(manager, table, async (blocks) => {
    const [, changed]: [unknown, number] = await manager.query(
      `${change} where ctid >= $1::text::tid and ctid < $2::text::tid and (${condition})`,
      [...blocks, values],
    );
    count += changed;
  });
  return count;
}
