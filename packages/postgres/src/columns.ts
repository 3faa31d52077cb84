/** A column of a batch: what a statement calls it, its type, and its value of a row. */
export type Column<Row> = readonly [
  name: string,
  type: string,
  of: (row: Row) => string | number | boolean | Date | null,
];

/** `unnest($3::text[], …) as f (system, …)`: a batch as a table, whose values, as {@link valuesOf} makes them, begin at `$first`. */
export function unnest<Row>(columns: readonly Column<Row>[], first: number, alias: string): string {
  const arrays = columns.map(([, type], index) => `$${index + first}::${type}[]`);
  return `unnest(${arrays.join(', ')}) as ${alias} (${columns.map(([name]) => name).join(', ')})`;
}

/** One array for each column: few values however large the batch, so that the text of the statement stays the same. */
export function valuesOf<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): unknown[][] {
  return columns.map(([, , of]) => rows.map(of));
}
