import type { DataSource } from 'typeorm';

const END = `update push_subscriptions set state = 'ended', sealed = null, ended_at = now()`;

/** in: a person and a device · out: whether it was theirs, and on · lock: its row · race: a push that is under way may still arrive. */
export async function endSubscription(dataSource: DataSource, person: string, id: string): Promise<boolean> {
  // One whose key is stale is taken off the list the same way.
  const [, count]: [unknown, number] = await dataSource.query(
    `update push_subscriptions set state = 'ended', sealed = null, ended_at = coalesce(ended_at, now())
     where id = $1 and person = $2 and state in ('active', 'stale_key')`,
    [id, person],
  );
  return count > 0;
}

/** in: a browser · out: nothing · lock: its rows · race: as above. Whoever is signed in there, or nobody: the browser is enough. */
export async function endOfBrowser(dataSource: DataSource, browserHash: string): Promise<void> {
  await dataSource.query(`${END} where browser_hash = $1 and state = 'active'`, [browserHash]);
}
