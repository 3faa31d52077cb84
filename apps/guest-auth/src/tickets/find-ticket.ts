import type { EntityManager } from 'typeorm';

/** in: the ticket · out: what events have told of it, or null · lock: none · race: none. */
export async function findTicket(
  manager: EntityManager,
  ticketId: string,
): Promise<{ locale: string | null; closedAt: Date | null } | null> {
  const [row]: ({ locale: string | null; closedAt: Date | null } | undefined)[] = await manager.query(
    'select locale, closed_at as "closedAt" from tickets where id = $1',
    [ticketId],
  );
  return row ?? null;
}
