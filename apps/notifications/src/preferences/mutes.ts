import type { MuteView } from '@bellhop/contracts/http';
import type { DataSource } from 'typeorm';

/** A ticket, and the key of the person who wants to hear nothing of it. */
export interface Mute {
  readonly person: string;
  readonly system: string;
  readonly ticketId: string;
}

/** Far more than anybody needs; a page that loops must not fill the table. */
export const MAX_MUTES = 1_000;

/**
 * in: who mutes what, and the ticket's number where it is known · out: nothing · lock: none · race: of two at once one adds the row.
 */
export async function insertMute(
  on: DataSource,
  { person, system, ticketId }: Mute,
  ticketNumber: string | null,
): Promise<void> {
  await on.query(
    `insert into ticket_mutes (person, system, ticket_id, ticket_number, muted_at) values ($1, $2, $3, $4, now())
     on conflict do nothing`,
    [person, system, ticketId, ticketNumber],
  );
}

/**
 * in: a recipient, the delivery whose ticket they mute · out: nothing · lock: none · race: of two at once one adds the row; one that was
 * erased meanwhile mutes nothing.
 */
export async function muteDelivery(on: DataSource, person: string, deliveryId: string): Promise<void> {
  await on.query(
    `insert into ticket_mutes (person, system, ticket_id, ticket_number, muted_at)
     select $1, system, ticket_id, ticket_number, now() from deliveries where id = $2
     on conflict do nothing`,
    [person, deliveryId],
  );
}

/** in: a person and a ticket · out: whether they have muted it · lock: none. */
export async function isMuted(on: DataSource, { person, system, ticketId }: Mute): Promise<boolean> {
  const rows: unknown[] = await on.query(
    'select from ticket_mutes where person = $1 and system = $2 and ticket_id = $3',
    [person, system, ticketId],
  );
  return rows.length > 0;
}

/** in: who wants to hear of what again · out: nothing · lock: the row · race: none. */
export async function deleteMute(on: DataSource, { person, system, ticketId }: Mute): Promise<void> {
  await on.query('delete from ticket_mutes where person = $1 and system = $2 and ticket_id = $3', [
    person,
    system,
    ticketId,
  ]);
}

/** in: a person, a system · out: what they have muted, newest first · lock: none. */
export function loadMutes(on: DataSource, person: string, system: string): Promise<MuteView[]> {
  return on.query(
    `select ticket_id as "ticketId", ticket_number as "ticketNumber", muted_at as "mutedAt" from ticket_mutes
     where person = $1 and system = $2 order by muted_at desc, ticket_id`,
    [person, system],
  );
}
