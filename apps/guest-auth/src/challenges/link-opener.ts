import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { FoundLink } from '../links/link-store.js';
import { LinksService } from '../links/links.service.js';
import { hashOf } from '../secrets/tokens.js';
import { addTicket, touchSession } from '../sessions/session-store.js';
import { ChallengeOpener, type OpenResult } from './challenge-opener.js';
import { findRequested } from './challenge-store.js';

/** A request of a browser that followed a link. */
export interface LinkOpenRequest {
  /** As received, of any type. */
  readonly link: unknown;
  readonly browserHash: Buffer;
  readonly network: string;
  /** SHA-256 of the session token; null without a session. */
  readonly sessionHash: Buffer | null;
  /** SHA-256 of the `Idempotency-Key`. */
  readonly requestKeyHash: Buffer | null;
}

export type LinkOpenResult =
  | OpenResult
  | { readonly kind: 'link_unknown' }
  /** No event about the ticket has arrived yet, so the mail would lack the ticket number. */
  | { readonly kind: 'ticket_unknown' }
  | { readonly kind: 'key_reused' }
  /** The session has proven this address before. */
  | { readonly kind: 'already_open'; readonly ticketId: string };

/** Opens the ticket of a link at once for a session that has proven the address; sends a code to everybody else. */
@Injectable()
export class LinkOpener {
  constructor(
    private readonly dataSource: DataSource,
    private readonly links: LinksService,
    private readonly opener: ChallengeOpener,
  ) {}

  async open(request: LinkOpenRequest): Promise<LinkOpenResult> {
    const found = await this.links.find(request.link, new Date());
    if (!found) return { kind: 'link_unknown' };
    const linkHash = hashOf(request.link as string);
    if (await this.isProven(request, found, linkHash)) return { kind: 'already_open', ticketId: found.ticketId };
    const { browserHash, network, requestKeyHash } = request;
    const earlier = requestKeyHash && (await this.earlierResult(browserHash, requestKeyHash, linkHash));
    if (earlier) return earlier;
    const { ticketId, sentTo, number, locale } = found;
    if (number === null) return { kind: 'ticket_unknown' };
    return this.opener.open({
      ...{ purpose: 'link', ticketId, email: sentTo, number, browserHash, network, linkHash, requestKeyHash },
      ...(locale !== null && { locale }),
    });
  }

  private async isProven(
    { sessionHash }: LinkOpenRequest,
    { email, ticketId }: FoundLink,
    linkHash: Buffer,
  ): Promise<boolean> {
    const session = sessionHash && (await touchSession(this.dataSource.manager, sessionHash));
    return session?.email === email && (await addTicket(this.dataSource.manager, session.id, ticketId, linkHash));
  }

  /** The result of a request that is repeated with its key, which sends no second code. */
  private async earlierResult(
    browserHash: Buffer,
    requestKeyHash: Buffer,
    linkHash: Buffer,
  ): Promise<LinkOpenResult | null> {
    const challenge = await findRequested(this.dataSource.manager, browserHash, requestKeyHash);
    if (!challenge) return null;
    return challenge.linkHash?.equals(linkHash) ? { kind: 'opened', challenge } : { kind: 'key_reused' };
  }
}
