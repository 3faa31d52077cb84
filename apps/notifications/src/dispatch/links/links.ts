import type { LeasedDelivery } from '../delivery.js';
import { needsLink } from './guest-links.js';
import { LinkError } from './links.errors.js';

/**
 * The target of a message's link. Built from PUBLIC_URL or, for another system's ticket, from the URL that admission has checked;
 * never from a request.
 * @param guestLink what guest-auth has issued for this delivery to a guest of ours
 * @throws LinkError `no_link` without one
 */
export function linkOf(delivery: LeasedDelivery, publicUrl: string, guestLink?: string): string {
  if (delivery.ticketUrl !== null) return delivery.ticketUrl;
  const base = baseOf(publicUrl);
  if (needsLink(delivery)) {
    if (guestLink !== undefined) return `${base}/t/${guestLink}`;
    throw new LinkError('no_link', 'guest-auth was not asked for the link of this mail.');
  }
  const folder = delivery.role === 'requester' ? 'tickets' : 'desk/tickets';
  return `${base}/${folder}/${encodeURIComponent(delivery.ticketId)}`;
}

/** The list of tickets that agents work on. */
export function deskOf(publicUrl: string): string {
  return `${baseOf(publicUrl)}/desk/tickets`;
}

function baseOf(publicUrl: string): string {
  return publicUrl.replace(/\/$/, '');
}
