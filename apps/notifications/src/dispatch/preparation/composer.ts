import type { MessagePreview } from '@bellhop/contracts/http';
import { Injectable } from '@nestjs/common';
import type { Channel, Content, Provider } from '../../channels/channel.js';
import { Settings } from '../../config.js';
import { PayloadError } from '../../payload/payload.errors.js';
import { type LeasedDelivery, TICKETS_WAITING } from '../delivery.js';
import { linkRequestOf, needsLink } from '../links/guest-links.js';
import { deskOf, linkOf } from '../links/links.js';
import type { CodeReader } from './one-time-codes.js';

/** What the delivery says, as decided right before it is composed. */
export interface Said {
  readonly template: Content['template'];
  readonly at: Date | null;
  /** Number of tickets in a digest for the team; otherwise of replies. */
  readonly count?: number;
}

/** What only this message may hold, and no table in the clear. */
export interface Secrets {
  /** The part of a guest's link after `/t/`. */
  readonly link?: string | undefined;
  readonly code?: string | undefined;
  readonly phrase?: string | undefined;
}

/** Values from other sources for one claim. */
export interface SecretSources {
  readonly codes: ReadonlyMap<string, CodeReader>;
  readonly links?: ReadonlyMap<LeasedDelivery, string> | undefined;
  readonly phrases: ReadonlyMap<string, string>;
}

const NO_ID = '00000000-0000-0000-0000-000000000000';
/** Shorter than any link, so that none can ever be the same. */
const NO_LINK = 'made-when-it-is-sent';

/** Makes the exact request of a delivery. Called once for each, and format: every later attempt finds it frozen. */
@Injectable()
export class Composer {
  constructor(private readonly settings: Settings) {}

  /** @throws what {@link Provider.compose} throws when the delivery can never be sent as it is */
  compose(
    delivery: LeasedDelivery,
    said: Said,
    { provider, secrets, now }: { provider: Provider; secrets: Secrets; now: Date },
  ): Buffer {
    return provider.compose(this.contentOf(delivery, said, secrets, now));
  }

  /**
   * What {@link compose} would make of a delivery that is only rehearsed. Its link leads to no ticket, and its id is none: both are given
   * when it is sent.
   * @throws what {@link compose} and {@link secretsOf} throw
   */
  preview(delivery: LeasedDelivery, said: Said, { channel, now }: { channel: Channel; now: Date }): MessagePreview {
    // As for its real link, which only a ticket of ours can have.
    if (needsLink(delivery)) linkRequestOf(delivery);
    return channel.preview(this.contentOf({ ...delivery, id: NO_ID }, said, { link: NO_LINK }, now));
  }

  private contentOf(delivery: LeasedDelivery, { template, at, count }: Said, secrets: Secrets, now: Date): Content {
    return {
      deliveryId: delivery.id,
      endpoint: delivery.endpoint,
      generation: delivery.generation,
      copy: delivery.copies,
      system: delivery.system,
      ticketId: delivery.ticketId,
      ticketNumber: delivery.ticketNumber,
      version: delivery.version,
      recipient: { role: delivery.role, kind: delivery.recipientKind },
      isOfOtherSystem: delivery.ticketUrl !== null,
      locale: delivery.locale,
      timezone: delivery.timezone,
      template,
      at,
      count: count ?? Math.max(delivery.replies, 1),
      link: this.linkOf(delivery, template, secrets.link),
      code: secrets.code,
      phrase: secrets.phrase ?? null,
      firstAt: delivery.firstAt,
      now,
    };
  }

  /**
   * Null: a link is needed first.
   * @throws PayloadError, LinkError when the message cannot be made at all
   */
  secretsOf(delivery: LeasedDelivery, { codes, links, phrases }: SecretSources): Secrets | null {
    const phrase = phrases.get(delivery.id);
    if (delivery.template === 'code') {
      const read = codes.get(delivery.id);
      if (read) return { code: read() };
      throw new PayloadError('code_wiped', 'The code of this delivery was wiped, and is stored nowhere else.');
    }
    if (!needsLink(delivery)) return { phrase };
    const link = links?.get(delivery);
    // Checked here, so that a delivery that cannot have a link does not spoil the request of others.
    if (link === undefined) linkRequestOf(delivery);
    return link === undefined ? null : { link, phrase };
  }

  private linkOf(delivery: LeasedDelivery, template: Content['template'], guestLink?: string): string | null {
    if (template === 'code') return null;
    const { publicUrl } = this.settings;
    return template === TICKETS_WAITING ? deskOf(publicUrl) : linkOf(delivery, publicUrl, guestLink);
  }
}
