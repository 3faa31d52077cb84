import type { PushSubscriptionView } from '@bellhop/contracts/http';
import type { DataSource } from 'typeorm';

const SQL = `
  select id, name, service, browser_hash = $2 as "isThisDevice", state, registered_at as "registeredAt", accepted_at as "lastUsedAt"
  from push_subscriptions
  where person = $1 and state in ('active', 'stale_key') and ($3::uuid is null or id = $3)
  order by registered_at desc, id`;

type Row = Omit<PushSubscriptionView, 'registeredAt' | 'lastUsedAt'> & {
  readonly registeredAt: Date;
  readonly lastUsedAt: Date | null;
};

/** in: a person, the browser that asks, one device or null for all · out: as their owner sees them, newest first · lock: none · race: none */
export async function loadSubscriptions(
  dataSource: DataSource,
  person: string,
  browserHash: string,
  id: string | null = null,
): Promise<PushSubscriptionView[]> {
  const rows: Row[] = await dataSource.query(SQL, [person, browserHash, id]);
  return rows.map((row) => ({
    ...row,
    registeredAt: row.registeredAt.toISOString(),
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
  }));
}
