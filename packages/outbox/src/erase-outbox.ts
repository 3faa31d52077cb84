import { deleteEverywhere } from '@bellhop/postgres';
import type { EntityManager } from 'typeorm';

/**
 * Deletes events, published or not, that name somebody: what a stream loses from now on is not published again. The relay
 * marks by id, and finds no row where one is gone.
 * @param names parts of JSON in small letters, such as `"jana@example.com"`
 */
export function eraseOutbox(manager: EntityManager, names: readonly string[]): Promise<number> {
  return deleteEverywhere(manager, 'outbox', isNamed('$3'), names);
}

/**
 * Whether an event that names somebody, and that is about a ticket of others, has still to be published: those others wait for it.
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
