import type { DataSource } from 'typeorm';

/** A mail in the record that was at least tried. */
export interface RecordedMail {
  readonly system: string;
  readonly ticketId: string;
  readonly endpoint: string;
  readonly ticketNumber: string;
  readonly template: string;
  readonly sentAt: Date;
}

const SQL = `
  select system, ticket_id as "ticketId", endpoint, ticket_number as "ticketNumber", template, attempted_at as "sentAt"
  from deliveries where id = $1::uuid and channel = 'email' and attempted_at is not null`;

/** in: delivery id · out: its mail, null if none was tried · lock: none · race: none, a snapshot. */
export async function findMail(dataSource: DataSource, id: string): Promise<RecordedMail | null> {
  const [row]: (RecordedMail | undefined)[] = await dataSource.query(SQL, [id]);
  return row ?? null;
}
