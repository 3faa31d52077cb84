interface PlanNode {
  'Relation Name'?: string;
  'Index Name'?: string;
  'Node Type': string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Index Recheck'?: number;
  Plans?: PlanNode[];
}

const READS = /^(?:Seq Scan|Index Scan|Index Only Scan|Bitmap Index Scan|Bitmap Heap Scan|Tid Scan)$/;

/**
 * The most rows that one node of a statement's plan reads from a table or an index, and which node that is. The statement is run: the caller
 * rolls it back. In contrast to `wideReads` it sees an index that is walked from its beginning to its end although it has a condition.
 */
export async function rowsRead(
  query: (sql: string, values: unknown[]) => Promise<unknown>,
  sql: string,
  values: unknown[],
): Promise<{ readonly rows: number; readonly where: string }> {
  const [row] = (await query(`explain (analyze, format json) ${sql}`, values)) as [
    { 'QUERY PLAN': [{ Plan: PlanNode }] },
  ];
  const reads = nodesOf(row['QUERY PLAN'][0].Plan).filter((node) => READS.test(node['Node Type']));
  const counted = reads.map((node) => ({
    rows: Math.round(
      node['Actual Loops'] *
        (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0)),
    ),
    where: `${node['Node Type']} of ${node['Index Name'] ?? node['Relation Name']}`,
  }));
  return counted.reduce((most, next) => (next.rows > most.rows ? next : most), { rows: 0, where: 'nothing' });
}

function nodesOf(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}
