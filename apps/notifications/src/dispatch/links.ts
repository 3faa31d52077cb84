import type { LeasedDelivery } from './delivery.js';

/**
 * Where a mail's link leads. Built from PUBLIC_URL or, for another system's ticket, the address that intake has checked; never
 * from anything a request said.
 */
export function linkOf(delivery: LeasedDelivery, publicUrl: string): string {
  if (delivery.ticketUrl !== null) return delivery.ticketUrl;
  const base = publicUrl.replace(/\/$/, '');
  const folder = delivery.role === 'requester' ? 'tickets' : 'desk/tickets';
  return `${base}/${folder}/${encodeURIComponent(delivery.ticketId)}`;
}
