import type { DataSource } from 'typeorm';
import type { AuditEntry } from './audit-entry.js';

/** Appends an entry. in: who and what · out: nothing · lock: none · race: none, entries never change. */
export async function insertAuditEntry(
  dataSource: Pick<DataSource, 'query'>,
  actor: string,
  { action, target, reason }: AuditEntry,
): Promise<void> {
  await dataSource.query('insert into audit_entries (actor, action, target, reason) values ($1, $2, $3, $4)', [
    actor,
    action,
    JSON.stringify(target),
    reason,
  ]);
}
