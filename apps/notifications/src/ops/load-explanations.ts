import type { DataSource } from 'typeorm';

/** One decision about one event: who, over which channel, and what came of it or why nothing did. */
export interface Explanation {
  readonly system: string;
  readonly eventId: string;
  readonly type: string;
  /** Null where nobody hears of such an event. Guests are named by address, for the operator's eyes only. */
  readonly recipient: string | null;
  readonly channel: string;
  readonly outcome: 'delivery' | 'skipped';
  readonly reason: string | null;
  readonly decidedAt: string;
  readonly delivery: null | {
    readonly id: string;
    readonly state: string;
    readonly reason: string | null;
    readonly template: string;
    readonly tries: number;
    readonly dueAt: string;
    readonly settledAt: string | null;
    /** Every event this delivery tells of: the alert was folded with these. */
    readonly eventIds: string[];
  };
}

/**
 * Everything decided about events of this id; two systems may use the same one.
 * in: event id · out: decisions with their deliveries · lock: none · race: none, a snapshot.
 */
export async function loadExplanations(dataSource: DataSource, eventId: string): Promise<Explanation[]> {
  const rows: { explanation: Explanation }[] = await dataSource.query(
    `select json_build_object(
       'system', c.system, 'eventId', c.event_id, 'type', c.event_type, 'recipient', nullif(c.recipient_key, ''),
       'channel', c.channel,
       'outcome', case when c.delivery_id is null or d.state = 'skipped' then 'skipped' else 'delivery' end,
       'reason', coalesce(c.reason, d.reason), 'decidedAt', c.decided_at,
       'delivery', case when d.id is not null then json_build_object(
         'id', d.id, 'state', d.state, 'reason', d.reason, 'template', d.template, 'tries', d.tries, 'dueAt', d.due_at,
         'settledAt', d.settled_at, 'eventIds', d.event_ids) end) as explanation
     from decisions c left join deliveries d on d.id = c.delivery_id
     where c.event_id = $1
     order by c.system, c.recipient_key`,
    [eventId],
  );
  return rows.map(({ explanation }) => explanation);
}
