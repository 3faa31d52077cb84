import type { MessagePreview } from '@bellhop/contracts/http';
import { accountIdentity, OWN_SYSTEM } from '@bellhop/contracts/persons';
import { isTransientError } from '@bellhop/postgres';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { accountOf, type Recipient } from '../../planning/recipients.js';
import type { Channel, ChannelRequest, Content, Outcome, Provider, SeenTicket } from '../channel.js';
import { FeedService } from './feed.service.js';
import { entryOf, type FeedEntry } from './feed-entry.js';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** An entry disturbs nobody. The window is short, because what was sent in it is counted for every entry. */
const UNLIMITED = { count: 1_000_000, windowMs: SECOND_MS };

/**
 * Entries in the feed of the pages, for people who sign in with us. The provider is our own database: the record of the delivery and
 * the entry are in it, and the delivery's id makes a second attempt change nothing.
 */
@Injectable()
export class FeedChannel implements Channel, Provider {
  readonly name = 'feed';
  readonly settings = [];
  readonly noEndpoint = 'no_endpoint';
  readonly providers = [this];
  readonly format = 'feed-1';
  readonly maxBatch = 100;
  /** More would only wait for connections to Postgres. */
  readonly maxInFlight = 2;
  readonly idempotent = true;
  readonly keyedBy = 'delivery';
  /** Each alert is an entry at once. */
  readonly digestWindow = { quietMs: 0, maxWaitMs: 0 };
  /** Seven hours in all. As long as the database refuses it, no mail is recorded either. */
  readonly retrySchedule = [SECOND_MS, 10 * SECOND_MS, MINUTE_MS, 10 * MINUTE_MS, HOUR_MS, 6 * HOUR_MS];
  readonly ceilings = { perTicket: UNLIMITED, perPerson: UNLIMITED, team: UNLIMITED };

  constructor(private readonly feed: FeedService) {}

  provider(): Provider {
    return this;
  }

  endpointOf(recipient: Recipient): string | null {
    return accountOf(recipient);
  }

  suppressionKeyOf(account: string): string {
    return account;
  }

  identityOf(account: string): string {
    return accountIdentity(OWN_SYSTEM, account);
  }

  ceilingKeyOf(account: string): string {
    return account;
  }

  /** @throws FeedError `no_entry` */
  compose(content: Content): Buffer {
    return Buffer.from(JSON.stringify(entryOf(content)));
  }

  preview(content: Content): MessagePreview {
    const { kind: tellsOf, count, dueAt, url } = entryOf(content);
    return { kind: 'entry', tellsOf, count, dueAt, url };
  }

  async send(batch: readonly ChannelRequest[]): Promise<Outcome[]> {
    try {
      const entries = batch.map(({ deliveryId, bytes }) => ({
        deliveryId,
        ...(JSON.parse(bytes.toString()) as FeedEntry),
      }));
      await this.feed.add(entries);
      return batch.map(({ deliveryId }) => ({ kind: 'accepted', ref: deliveryId }));
    } catch (error) {
      const outcome = outcomeOf(error);
      return batch.map(() => outcome);
    }
  }

  /** What was seen on the page of a ticket is seen in the feed. */
  async markSeen(manager: EntityManager, seen: readonly SeenTicket[]): Promise<() => void> {
    const versions = seen.flatMap(({ recipient, ticketId, version }) => {
      const person = accountOf(recipient);
      return person === null ? [] : [{ person, ticketId, version }];
    });
    return versions.length > 0 ? this.feed.markTickets(manager, versions) : () => undefined;
  }

  /** Nothing is held open. */
  async close(): Promise<void> {}
}

/** A commit whose answer is lost may have happened; what Postgres refuses for its content is alone in that. */
function outcomeOf(error: unknown): Outcome {
  if (isTransientError(error)) return { kind: 'unknown', cause: 'database_unavailable' };
  const { code } = error as { code?: unknown };
  return { kind: 'not_sent', cause: `database_refused: ${String(code ?? 'no code')}`, isAlone: true };
}
