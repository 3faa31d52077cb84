import type { EntityManager } from 'typeorm';

export interface TellingKey {
  readonly recipientKey: string;
  readonly system: string;
  readonly ticketId: string;
}

export function tellingKey(key: TellingKey): string {
  return `${key.recipientKey} ${key.system} ${key.ticketId}`;
}

/**
 * The watermarks of a batch: the newest version each person was told of, per ticket, over one channel.
 * in: keys · out: tellingKey → version · lock: none; what is claimed meanwhile is caught by the check before sending.
 */
export async function loadTold(
  manager: EntityManager,
  channel: string,
  keys: readonly TellingKey[],
): Promise<Map<string, number>> {
  const rows: { recipient_key: string; system: string; ticket_id: string; version: string }[] = await manager.query(
    `select t.recipient_key, t.system, t.ticket_id, t.version
     from unnest($2::text[], $3::text[], $4::text[]) as k (recipient_key, system, ticket_id)
     join told t using (recipient_key, system, ticket_id)
     where t.channel = $1`,
    [channel, keys.map((k) => k.recipientKey), keys.map((k) => k.system), keys.map((k) => k.ticketId)],
  );
  return new Map(
    rows.map((row) => [
      tellingKey({ recipientKey: row.recipient_key, system: row.system, ticketId: row.ticket_id }),
      Number(row.version),
    ]),
  );
}
