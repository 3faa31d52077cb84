import type { DataSource } from 'typeorm';

/** in: an account, a ticket of ours · out: its number, if anything about it has been in their feed · lock: none. */
export async function loadTicketNumber(on: DataSource, person: string, ticketId: string): Promise<string | null> {
  const rows: { number: string }[] = await on.query(
    `(select ticket_number as number from feed_entries where person = $1 and ticket_id = $2 and seen_at is null limit 1)
     union all
     (select ticket_number from feed_entries where person = $1 and ticket_id = $2 and seen_at is not null limit 1)`,
    [person, ticketId],
  );
  return rows[0]?.number ?? null;
}
