import type { DataSource } from 'typeorm';

/** What a mail was about. */
export interface MutableDelivery {
  readonly recipientKey: string;
  readonly system: string;
  readonly ticketId: string;
  readonly ticketNumber: string;
  readonly locale: string | null;
}

/** in: a delivery · out: whom it went to and about which ticket; null once it is purged or erased, and for what can be muted by nobody · lock: none. */
export async function loadMutableDelivery(on: DataSource, deliveryId: string): Promise<MutableDelivery | null> {
  const rows: MutableDelivery[] = await on.query(
    `select recipient_key as "recipientKey", system, ticket_id as "ticketId", ticket_number as "ticketNumber", locale
     from deliveries where id = $1 and recipient_role <> 'team' and request_id is null`,
    [deliveryId],
  );
  return rows[0] ?? null;
}
