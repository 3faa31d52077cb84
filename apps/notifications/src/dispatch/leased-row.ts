import type { Channel } from '../channels/channel.js';
import type { LeasedDelivery } from './delivery.js';

/** A delivery as read from Postgres; its channel derives the other keys from the endpoint. */
export type LeasedRow = Omit<LeasedDelivery, 'ceilingKey' | 'suppressionKey'>;

/** Columns of a row of `deliveries`, as {@link LeasedRow} names them. */
export const leasedColumns = (row: string) => `${row}.id, ${row}.fence::float8 as fence, ${row}.channel, ${row}.system,
  ${row}.ticket_id as "ticketId", ${row}.ticket_number as "ticketNumber", ${row}.ticket_url as "ticketUrl", ${row}.version::float8 as version,
  ${row}.recipient_key as "recipientKey", ${row}.recipient_role as role, ${row}.recipient_kind as "recipientKind",
  ${row}.recipient_id as "recipientId", ${row}.endpoint, ${row}.locale, ${row}.timezone,
  ${row}.template, ${row}.template_version::float8 as "templateVersion", ${row}.at, ${row}.replies, ${row}.event_ids as "eventIds",
  ${row}.tries, ${row}.unknowns, ${row}.batch_id as "batchId", ${row}.is_alone as "isAlone", ${row}.provider, ${row}.provider_ref as "providerRef",
  ${row}.generation, ${row}.copies, ${row}.request_id as "requestId", ${row}.expires_at as "expiresAt", ${row}.priority, ${row}.first_at as "firstAt"`;

export function leasedDelivery(
  row: LeasedRow,
  channel: Pick<Channel, 'ceilingKeyOf' | 'suppressionKeyOf'>,
): LeasedDelivery {
  const { endpoint } = row;
  return { ...row, ceilingKey: channel.ceilingKeyOf(endpoint), suppressionKey: channel.suppressionKeyOf(endpoint) };
}
