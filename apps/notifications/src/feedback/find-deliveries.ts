import type { EntityManager } from 'typeorm';
import type { Channel } from '../channels/channel.js';
import type { Report } from '../channels/report.js';
import type { NotifiedDelivery } from '../dispatch/outcomes/notification-events.js';
import type { Feedback } from './feedback.js';

/** A delivery with reports about it, locked until the transaction ends. */
export interface ReportedDelivery extends NotifiedDelivery {
  readonly system: string;
  readonly endpoint: string;
  /** The key of the endpoint in suppressions. */
  readonly suppressionKey: string;
  readonly template: string;
  readonly feedback: Feedback | null;
  /** Indexes of the reports about it, in the order of arrival. */
  readonly reports: readonly number[];
}

/**
 * Finds the deliveries that reports are about: by the provider's id of the mail, else by the tags that we gave it. A mail from before
 * a replay belongs to an earlier generation, and is not found by its tags.
 * in: reports · out: deliveries in id order; none for a report about a mail that is not ours · lock: these rows, in id order, so
 * that two batches of webhooks cannot deadlock · race: an attempt that updates a row at the same moment commits first, so that
 * all later decisions are about the current row.
 */
export async function findDeliveries(
  manager: EntityManager,
  reports: readonly Report[],
  channels: readonly Channel[],
): Promise<ReportedDelivery[]> {
  const rows: Omit<ReportedDelivery, 'suppressionKey'>[] = await manager.query(
    `select d.id, d.system, d.ticket_id as "ticketId", d.ticket_number as "ticketNumber", d.recipient_kind as "recipientKind",
       d.recipient_id as "recipientId", d.event_ids as "eventIds", d.channel, d.endpoint, d.template, d.feedback, about.reports
     from (
       select found.id, array_agg(found.n order by found.n) as reports
       from (
         select r.n::int - 1 as n, coalesce(
           (select o.id from deliveries o where o.provider_ref = r.email_id limit 1),
           (select o.id from deliveries o where o.id = r.delivery_id and o.generation = r.generation)) as id
         from unnest($1::text[], $2::uuid[], $3::integer[]) with ordinality as r (email_id, delivery_id, generation, n)
       ) found
       group by found.id
     ) about
     join deliveries d on d.id = about.id
     order by d.id
     for update of d`,
    [
      reports.map(({ emailId }) => emailId),
      reports.map(({ deliveryId }) => deliveryId),
      reports.map(({ generation }) => generation),
    ],
  );
  return rows.map((row) => {
    const channel = channels.find(({ name }) => name === row.channel);
    return { ...row, suppressionKey: channel?.suppressionKeyOf(row.endpoint) ?? row.endpoint };
  });
}
