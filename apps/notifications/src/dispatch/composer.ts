import { type Audience, renderAlert } from '@bellhop/email-templates';
import { Inject, Injectable } from '@nestjs/common';
import { CHANNEL, type Channel } from '../channels/channel.js';
import type { Template } from '../planning/plan.js';
import { Settings } from '../settings.js';
import type { LeasedDelivery } from './delivery.js';
import { linkOf } from './links.js';

/** What the mail says, as decided right before it is made. */
export interface Content {
  readonly template: Template;
  readonly at: Date | null;
}

/** Makes the exact request of a delivery. Called once for each: every later attempt finds it frozen. */
@Injectable()
export class Composer {
  constructor(
    private readonly settings: Settings,
    @Inject(CHANNEL) private readonly channel: Channel,
  ) {}

  /** @throws EmailError when the delivery can never be sent as it is */
  compose(delivery: LeasedDelivery, { template, at }: Content, now: Date): Buffer {
    const { subject, html, text, locale } = renderAlert(template, audienceOf(delivery), {
      number: delivery.ticketNumber,
      link: linkOf(delivery, this.settings.publicUrl),
      brand: this.settings.brand,
      count: Math.max(delivery.replies, 1),
      ...(delivery.locale && { locale: delivery.locale }),
      ...(delivery.timezone && { timezone: delivery.timezone }),
      ...(at && { at }),
    });
    return this.channel.compose({
      sender: this.settings.sender,
      recipient: delivery.address,
      deliveryId: delivery.id,
      generation: delivery.generation,
      ticket: { system: delivery.system, id: delivery.ticketId },
      subject,
      html,
      text,
      locale,
      date: now,
    });
  }
}

function audienceOf(delivery: LeasedDelivery): Audience {
  if (delivery.role !== 'requester') return 'agent';
  if (delivery.recipientKind !== 'guest') return 'customer';
  // Only links of ours ask for a code; what another system's link does is not for us to promise.
  return delivery.ticketUrl === null ? 'guest' : 'inbound_guest';
}
