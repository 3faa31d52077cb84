import type { EntityManager } from 'typeorm';

/**
 * Inputs: keys of people. Result: how many tickets of theirs are gone, with messages, notes, timeline and filing. Lock: all of that.
 * Race: a change in progress holds its ticket, and this waits for it; a new ticket needs the row of its requester, which is locked.
 */
export async function deleteTicketsOf(manager: EntityManager, keys: readonly string[]): Promise<number> {
  const [, count]: [unknown, number] = await manager.query('delete from tickets where requester_id = any ($1)', [keys]);
  return count;
}
