import type { EntityManager } from 'typeorm';

interface FoundTicket {
  readonly ticketId: string;
  /** As it was typed and proven. */
  readonly email: string;
}

/**
 * Inputs: the key of a guest and a number. Result: the ticket and where its mails go, or null alike for an unknown number, another address, somebody's with
 * an account, and a ticket that is not proven. Lock: none.
 *
 * Number and address are looked up as one value, of which the index (`tickets_for_guests`, with the same conditions) holds the
 * right ones only: every miss ends at the same place, after the same pages. By number alone, one that exists would cost
 * a row more than one that does not, and whoever measures long enough would learn the numbers.
 */
export async function findTicketOfGuest(
  manager: EntityManager,
  guestKey: string,
  number: string,
): Promise<FoundTicket | null> {
  const [ticket]: (FoundTicket | undefined)[] = await manager.query(
    `select id as "ticketId", coalesce(requester_address, substr(requester_id, length('guest:') + 1)) as email from tickets
      where requester_id || ' ' || number = $1 || ' ' || $2
        and status <> 'unverified' and requester_id like 'guest:%'`,
    [guestKey, number],
  );
  return ticket ?? null;
}
