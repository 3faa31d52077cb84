import type { DataSource } from 'typeorm';

/** What a person registered before under an endpoint. */
export interface KnownSubscription {
  readonly id: string;
  readonly vapidKey: string;
  readonly state: 'active' | 'stale_key' | 'gone' | 'ended';
}

/** in: a person, the hash of an endpoint · out: their device of it · lock: none · race: it is read to keep its key, which no page changes. */
export async function findSubscription(
  dataSource: DataSource,
  person: string,
  endpointHash: Buffer,
): Promise<KnownSubscription | undefined> {
  const rows: KnownSubscription[] = await dataSource.query(
    'select id, vapid_key as "vapidKey", state from push_subscriptions where endpoint_hash = $1 and person = $2',
    [endpointHash, person],
  );
  return rows[0];
}
