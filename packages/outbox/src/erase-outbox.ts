import { deleteEverywhere } from '@bellhop/postgres';
import type { EntityManager } from 'typeorm';

/**
 * Deletes events, published or not, that name a person: if a stream loses them later, they are not published again. The relay
 * marks by id, and ignores deleted rows.
 * @param names parts of JSON in lower case, such as `"jana@example.com"`
 */
export function eraseOutbox(manager: EntityManager, names: readonly string[]): Promise<number> {
  return deleteEverywhere(manager, 'outbox', isNamed('$3'), names);
}

/**
 * Whether an event that names a person, about a ticket of somebody else, is still unpublished: its recipients wait for it.
 * in: names as above, ids of tickets of their own · out: whether · lock, race: none
 */
export async function isAwaitedByOthers(
  manager: EntityManager,
  names: readonly string[],
  ownTicketIds: readonly string[],
): Promise<boolean> {
  const rows: unknown[] = await manager.query(
    `select from outbox
      where published_at is null and ${isNamed('$1')} and not data::jsonb ->> 'subject' = any ($2) limit 1`,
    [names, ownTicketIds],
  );
  return rows.length > 0;
}

function isNamed(names: `$${number}`): string {
  return `exists (select from unnest(${names}::text[]) as named (name) where strpos(lower(data), named.name) > 0)`;
}

/** How an event of ours names an account, for {@link eraseOutbox}. */
export function nameInEvents(kind: 'user' | 'agent', id: string): string {
  return `"kind":"${kind}","id":${JSON.stringify(id)}`.toLowerCase();
}
