import { type Audience, type RenderedAlert, renderAlert, renderCode } from '@bellhop/email-templates';
import { Inject, Injectable } from '@nestjs/common';
import { CHANNEL, type Channel } from '../channels/channel.js';
import { Settings } from '../settings.js';
import { type LeasedDelivery, type MailTemplate, TICKETS_WAITING } from './delivery.js';
import { deskOf, linkOf } from './links.js';

/** What the mail says, as decided right before it is made. */
export interface Content {
  readonly template: MailTemplate;
  readonly at: Date | null;
  /** Of tickets, or of replies where nothing is said. */
  readonly count?: number;
}

/** What only this mail may hold, and no table in the clear. */
export interface Secrets {
  /** The part of a guest's link after `/t/`. */
  readonly link?: string | undefined;
  readonly code?: string | undefined;
}

const MINUTE_MS = 60_000;

/** Makes the exact request of a delivery. Called once for each: every later attempt finds it frozen. */
@Injectable()
export class Composer {
  constructor(
    private readonly settings: Settings,
    @Inject(CHANNEL) private readonly channel: Channel,
  ) {}

  /** @throws EmailError when the delivery can never be sent as it is */
  compose(delivery: LeasedDelivery, content: Content, secrets: Secrets, now: Date): Buffer {
    const { subject, html, text, locale } = this.render(delivery, content, secrets);
    return this.channel.compose({
      sender: this.settings.sender,
      recipient: delivery.address,
      deliveryId: delivery.id,
      generation: delivery.generation,
      copy: delivery.copies,
      // Mails about many tickets belong to none of them, and together.
      ticket: {
        system: delivery.system,
        id: content.template === TICKETS_WAITING ? TICKETS_WAITING : delivery.ticketId,
      },
      subject,
      html,
      text,
      locale,
      date: now,
    });
  }

  private render(delivery: LeasedDelivery, { template, at, count }: Content, { link, code }: Secrets): RenderedAlert {
    const { ticketNumber: number, locale, timezone, firstAt } = delivery;
    const { publicUrl, brand } = this.settings;
    const common = { number, brand, ...(locale && { locale }) };
    if (template === 'code') {
      const expiresAt = at ?? firstAt;
      const validMinutes = Math.round((expiresAt.getTime() - firstAt.getTime()) / MINUTE_MS);
      return renderCode({ ...common, code: code ?? '', site: publicUrl, expiresAt, validMinutes });
    }
    return renderAlert(template, audienceOf(delivery), {
      ...common,
      link: template === TICKETS_WAITING ? deskOf(publicUrl) : linkOf(delivery, publicUrl, link),
      count: count ?? Math.max(delivery.replies, 1),
      ...(timezone && { timezone }),
      ...(at && { at }),
    });
  }
}

function audienceOf(delivery: LeasedDelivery): Audience {
  if (delivery.role !== 'requester') return 'agent';
  if (delivery.recipientKind !== 'guest') return 'customer';
  // Only links of ours ask for a code; what another system's link does is not for us to promise.
  return delivery.ticketUrl === null ? 'guest' : 'inbound_guest';
}
