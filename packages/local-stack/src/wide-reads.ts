interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Index Cond'?: string;
  Plans?: PlanNode[];
}

/**
 * Which tables a prepared statement would read without looking for certain rows by index, were it planned now: a plan that
 * is made while a table is empty is kept when it has grown.
 * @param query asks the database, as the app is connected to it
 * @param sql with `$1`, `$2` …; it is planned and not run
 */
export async function wideReads(query: (sql: string) => Promise<unknown>, sql: string): Promise<string[]> {
  const [row] = (await query(`explain (generic_plan, format json) ${sql}`)) as [{ 'QUERY PLAN': [{ Plan: PlanNode }] }];
  return wideNodes(row['QUERY PLAN'][0].Plan);
}

const BY_INDEX: ReadonlySet<string> = new Set(['Index Scan', 'Index Only Scan', 'Bitmap Index Scan']);

function wideNodes(node: PlanNode): string[] {
  const { 'Node Type': type, 'Relation Name': table, 'Index Name': index } = node;
  const isByIndex = BY_INDEX.has(type) && node['Index Cond'] !== undefined;
  // A bitmap is of an index: what is below the heap scan says which rows.
  const isRead =
    type === 'Bitmap Index Scan' || (table !== undefined && !['ModifyTable', 'Bitmap Heap Scan'].includes(type));
  const own =
    isRead && !isByIndex ? [`${type} of ${table ?? 'a table'}${index === undefined ? '' : ` over ${index}`}`] : [];
  return [...own, ...(node.Plans ?? []).flatMap(wideNodes)];
}
