import { type FeedKind, feedKind } from '@bellhop/contracts/http';
import type { Content } from '../channel.js';
import { FeedError } from './feed.errors.js';

/** One alert as it rests in the feed of a person. No subject, and no text of anybody. */
export interface FeedEntry {
  /** The account. */
  readonly person: string;
  readonly ticketId: string;
  readonly ticketNumber: string;
  /** The newest version that it tells of. */
  readonly version: number;
  readonly kind: FeedKind;
  readonly count: number;
  /** RFC 3339, as all times here: it is kept as JSON. */
  readonly dueAt: string | null;
  /** The page of the ticket. */
  readonly url: string;
  readonly at: string;
  /** It is for the requester, whose looking at the ticket counts. */
  readonly isForRequester: boolean;
}

/**
 * What a delivery becomes.
 * @throws FeedError `no_entry` for what is no alert to one person
 */
export function entryOf({ endpoint, template, link, recipient, at, firstAt, ...content }: Content): FeedEntry {
  const kind = feedKind.safeParse(template);
  if (!kind.success || link === null) {
    throw new FeedError('no_entry', `Nobody has an entry of the kind ${template} in a feed: send it by mail.`);
  }
  return {
    person: endpoint,
    ticketId: content.ticketId,
    ticketNumber: content.ticketNumber,
    version: content.version,
    kind: kind.data,
    count: content.count,
    dueAt: at?.toISOString() ?? null,
    url: link,
    at: firstAt.toISOString(),
    isForRequester: recipient.role === 'requester',
  };
}
