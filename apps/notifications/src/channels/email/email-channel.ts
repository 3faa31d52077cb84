import type { MessagePreview } from '@bellhop/contracts/http';
import { addressIdentity, mailboxOf, normaliseAddress } from '@bellhop/contracts/persons';
import type { PayloadKey } from '../../payload/payload-keys.js';
import { isAlert } from '../../planning/alerts.js';
import type { Recipient } from '../../planning/recipients.js';
import type { DigestWindow } from '../../planning/timing.js';
import { UnsubscribeTokens } from '../../unsubscribe/unsubscribe-tokens.js';
import type { Ceilings } from '../ceilings.js';
import type { Channel, Content } from '../channel.js';
import type { Sender } from './address.js';
import type { AlertMail } from './alert-mail.js';
import type { EmailProvider } from './email-provider.js';
import { CIRCUIT_TIMES, type CircuitTimes } from './fail-over/circuit.js';
import { MailRoute } from './fail-over/mail-route.js';
import { shownHeaders } from './headers.js';
import type { SharedLimits } from './limits/shared-limits.js';
import { renderMail } from './render-mail.js';

export interface EmailChannelOptions {
  readonly sender: Sender;
  /** In whose name mails speak. */
  readonly brand: string;
  /** PUBLIC_URL: the pages where a code is entered. */
  readonly publicUrl: string;
  readonly digestWindow: DigestWindow;
  /** Their first signs the links that mute a ticket. */
  readonly payloadKeys: readonly [PayloadKey, ...PayloadKey[]];
  /** What replicas share. Without it the limits of providers are ours alone. */
  readonly limits?: SharedLimits | undefined;
  /** How long a provider that fails is left alone. */
  readonly times?: CircuitTimes | undefined;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** Sixteen hours in all: mail servers are away for a night. */
export const EMAIL_RETRY_SCHEDULE_MS = [
  5 * SECOND_MS,
  30 * SECOND_MS,
  2 * MINUTE_MS,
  10 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  9 * HOUR_MS,
] as const;

/** A stop for robots that answer each other, and for a system that names one mailbox as many people. */
export const EMAIL_CEILINGS: Ceilings = {
  perTicket: { count: 10, windowMs: 10 * MINUTE_MS },
  perPerson: { count: 30, windowMs: HOUR_MS },
  // A busy team gets more than 30 mails an hour.
  team: { count: 5, windowMs: MINUTE_MS },
};

/** In place of a token, where a mail is only shown. */
const MADE_LATER = 'made-when-it-is-sent';

/** Mails to the address that an event names, through the first provider that takes them. */
export class EmailChannel implements Channel {
  readonly name = 'email';
  readonly settings = ['EMAIL_URL', 'EMAIL_FROM'];
  readonly noEndpoint = 'no_address';
  readonly retrySchedule = EMAIL_RETRY_SCHEDULE_MS;
  readonly ceilings = EMAIL_CEILINGS;
  readonly digestWindow: DigestWindow;
  readonly providers: readonly MailRoute[];
  private readonly unsubscribe: UnsubscribeTokens;

  /** @param providers at least one, in the order in which they are used */
  constructor(
    providers: readonly EmailProvider[],
    private readonly options: EmailChannelOptions,
  ) {
    this.digestWindow = options.digestWindow;
    this.unsubscribe = new UnsubscribeTokens(options.payloadKeys);
    const names = namesOf(providers);
    this.providers = providers.map(
      (provider, index) =>
        new MailRoute(provider, {
          name: names[index] as string,
          compose: (content, on) => this.compose(content, on),
          hasOther: (route) => this.providers.some((other) => other !== route && other.takes),
          times: options.times ?? CIRCUIT_TIMES,
        }),
    );
    for (const [index, { limit }] of providers.entries()) if (limit) options.limits?.add(names[index] as string, limit);
  }

  provider(isRequested = false): MailRoute {
    const taking = this.providers.filter(({ takes }) => takes);
    const first = (isRequested && taking.find(({ isOpen }) => !isOpen)) || taking[0];
    if (first) return first;
    const [soonest] = [...this.providers].sort((one, other) => one.againInMs - other.againInMs);
    return soonest as MailRoute;
  }

  /** A sentence for an operator while mails do not go through the first provider, else null. */
  get problem(): string | null {
    if (this.providers.length === 1) return null;
    const problems = this.providers.flatMap(({ problem }) => problem ?? []);
    if (problems.length === 0) return null;
    return `${problems.join('; ')}. Mails go through ${this.provider().name}, and come back by themselves; check EMAIL_URL and the account behind it.`;
  }

  endpointOf({ email }: Recipient): string | null {
    return email ?? null;
  }

  suppressionKeyOf(address: string): string {
    return normaliseAddress(address);
  }

  identityOf(address: string): string {
    return addressIdentity(address);
  }

  /** By the rules of the large providers, where many spellings reach one mailbox. */
  ceilingKeyOf(address: string): string {
    return mailboxOf(address).address;
  }

  async close(): Promise<void> {
    await Promise.all(this.providers.map((provider) => provider.close()));
    await this.options.limits?.close();
  }

  /** @throws EmailError when the mail can never be sent as it is */
  private compose(content: Content, provider: EmailProvider): Buffer {
    return provider.compose(this.mailOf(content));
  }

  preview(content: Content): MessagePreview {
    const mail = this.mailOf(content);
    if (mail.unsubscribeUrl) mail.unsubscribeUrl = this.unsubscribeUrl(MADE_LATER);
    return { kind: 'mail', subject: mail.subject, text: mail.text, html: mail.html, headers: shownHeaders(mail) };
  }

  private mailOf(content: Content): AlertMail {
    const { deliveryId, generation, copy, endpoint, system, now } = content;
    return {
      ...renderMail(content, this.options),
      sender: this.options.sender,
      recipient: endpoint,
      deliveryId,
      generation,
      copy,
      // Mails about many tickets belong to none of them, and together.
      ticket: { system, id: content.template === 'tickets_waiting' ? content.template : content.ticketId },
      date: now,
      unsubscribeUrl: this.unsubscribeUrlOf(content),
    };
  }

  /** The team's mailbox mutes nothing for all of its readers, and what a guest asked for is no subscription. */
  private unsubscribeUrlOf({ template, recipient, deliveryId }: Content): string | undefined {
    if (!isAlert(template) || recipient.role === 'team') return undefined;
    return this.unsubscribeUrl(this.unsubscribe.of(deliveryId));
  }

  private unsubscribeUrl(token: string): string {
    return `${this.options.publicUrl}/api/unsubscribe/${token}`;
  }
}

/** Where each is; two accounts at one place are told apart by their order. */
function namesOf(providers: readonly EmailProvider[]): string[] {
  const seen = new Map<string, number>();
  return providers.map(({ host }) => {
    const count = (seen.get(host) ?? 0) + 1;
    seen.set(host, count);
    return count === 1 ? host : `${host}#${count}`;
  });
}
