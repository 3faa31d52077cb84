import type { DataSource } from 'typeorm';

/** in: a person, their device, its new name · out: whether it is there · lock: its row · race: the last one counts */
export async function renameSubscription(
  dataSource: DataSource,
  { person, id, name }: { person: string; id: string; name: string },
): Promise<boolean> {
  const [, count]: [unknown, number] = await dataSource.query(
    `update push_subscriptions set name = $3 where id = $1 and person = $2 and state in ('active', 'stale_key')`,
    [id, person, name],
  );
  return count > 0;
}
