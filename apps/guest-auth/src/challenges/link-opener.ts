import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { FoundLink } from '../links/find-link.js';
import { LinksService } from '../links/links.service.js';
import { hashOf } from '../secrets/tokens.js';
import { addTicket } from '../sessions/add-ticket.js';
import { touchSession } from '../sessions/touch-session.js';
import { ChallengeOpener, type Opening } from './challenge-opener.js';
import { findAsked } from './find-asked.js';

/** Somebody who has come with a link. */
export interface Visit {
  /** Whatever was sent as one. */
  readonly link: unknown;
  readonly browserHash: Buffer;
  readonly network: string;
  readonly session: Buffer | null;
  /** SHA-256 of the `Idempotency-Key`. */
  readonly askedWith: Buffer | null;
}

export type Reception =
  | Opening
  | { readonly kind: 'link_unknown' }
  /** No event has told of the ticket yet: there is nothing to write into the mail. */
  | { readonly kind: 'ticket_unknown' }
  | { readonly kind: 'key_reused' }
  /** The session has proven this address before. */
  | { readonly kind: 'stands_open'; readonly ticketId: string };

/** What a link leads to: the question for a code, or the ticket itself for whoever has answered it before. */
@Injectable()
export class LinkOpener {
  constructor(
    private readonly dataSource: DataSource,
    private readonly links: LinksService,
    private readonly opener: ChallengeOpener,
  ) {}

  async receive(visit: Visit): Promise<Reception> {
    const found = await this.links.find(visit.link, new Date());
    if (!found) return { kind: 'link_unknown' };
    const linkHash = hashOf(visit.link as string);
    if (await this.isProven(visit, found, linkHash)) return { kind: 'stands_open', ticketId: found.ticketId };
    const asked = visit.askedWith && (await this.asked(visit.browserHash, visit.askedWith, linkHash));
    if (asked) return asked;
    const { ticketId, sentTo, number, locale } = found;
    if (number === null) return { kind: 'ticket_unknown' };
    const { browserHash, network, askedWith } = visit;
    return this.opener.open({
      ...{ purpose: 'link', ticketId, email: sentTo, number, browserHash, network, linkHash, askedWith },
      ...(locale !== null && { locale }),
    });
  }

  private async isProven({ session }: Visit, { email, ticketId }: FoundLink, linkHash: Buffer): Promise<boolean> {
    const live = session && (await touchSession(this.dataSource.manager, session));
    return live?.email === email && (await addTicket(this.dataSource.manager, live.id, ticketId, linkHash));
  }

  /** The answer to a request that comes a second time, which sends nothing. */
  private async asked(browserHash: Buffer, askedWith: Buffer, linkHash: Buffer): Promise<Reception | null> {
    const asked = await findAsked(this.dataSource.manager, browserHash, askedWith);
    if (!asked) return null;
    if (!asked.linkHash?.equals(linkHash)) return { kind: 'key_reused' };
    return { kind: 'opened', challenge: asked };
  }
}
