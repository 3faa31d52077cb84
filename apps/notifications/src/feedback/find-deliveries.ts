import type { EntityManager } from 'typeorm';
import type { Channel } from '../channels/channel.js';
import type { Report } from '../channels/report.js';
import type { NotifiedDelivery } from '../dispatch/outcomes/notification-events.js';
import type { Feedback } from './feedback.js';

/** A delivery that the provider says something of, held until the transaction ends. */
export interface ReportedDelivery extends NotifiedDelivery {
  readonly system: string;
  readonly endpoint: string;
  /** What suppressions know the endpoint by. */
  readonly suppressionKey: string;
  readonly template: string;
  readonly feedback: Feedback | null;
  /** Which of the reports are about it, counted from 0, in the order in which they came. */
  readonly reports: readonly number[];
}

/**
 * Finds the deliveries that reports are about: by the provider's own name of the mail, else by the tags that we gave it: a mail from before a
 * replay is none of the present one.
 * in: reports · out: deliveries in id order; none for a report about a mail that is not ours · lock: these rows, in id order, so
 * that two batches of webhooks never wait for each other · race: what an attempt writes at the same moment is waited for, so
 * that everything decided from here on is decided about the row as it is.
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
