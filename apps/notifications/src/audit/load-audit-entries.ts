import type { AuditEntryView, Page } from '@bellhop/contracts/http';
import type { DataSource } from 'typeorm';
import { decodeId } from '../ops/cursor.js';

export interface AuditFilter {
  readonly actor?: string | undefined;
  /** The marks of one address, one for each payload key. */
  readonly addressMarks?: readonly string[] | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** One page of the audit, newest first. in: filter and page · out: entries and the next cursor · lock, race: none. */
export async function loadAuditEntries(
  dataSource: DataSource,
  { actor, addressMarks, limit, cursor }: AuditFilter,
): Promise<Page<AuditEntryView>> {
  const conditions: string[] = [];
  const values: unknown[] = [];
  const where = (condition: (place: string) => string, value: unknown) => {
    values.push(value);
    conditions.push(condition(`$${values.length}`));
  };
  if (actor !== undefined) where((place) => `actor = ${place}`, actor);
  if (addressMarks)
    where((place) => `exists (select from jsonb_each_text(target) t where t.value = any (${place}))`, addressMarks);
  if (cursor !== undefined) where((place) => `id < ${place}`, decodeId(cursor));
  values.push(limit + 1);
  const rows: AuditEntryView[] = await dataSource.query(
    `select id, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at, actor, action, target, reason
     from audit_entries ${conditions.length > 0 ? `where ${conditions.join(' and ')}` : ''}
     order by id desc limit $${values.length}`,
    values,
  );
  const items = rows.slice(0, limit);
  return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}
