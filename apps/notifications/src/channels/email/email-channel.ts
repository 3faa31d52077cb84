import type { MessagePreview } from '@bellhop/contracts/http';
import { addressIdentity, mailboxOf, normaliseAddress } from '@bellhop/contracts/persons';
import type { PayloadKey } from '../../payload/payload-keys.js';
import { isAlert } from '../../planning/alerts.js';
import type { Recipient } from '../../planning/recipients.js';
import type { DigestWindow } from '../../planning/timing.js';
import { UnsubscribeTokens } from '../../unsubscribe/unsubscribe-tokens.js';
import type { Ceilings } from '../ceilings.js';
import type { Channel, ChannelRequest, Content, Outcome } from '../channel.js';
import type { Sender } from './address.js';
import type { AlertMail } from './alert-mail.js';
import { EmailError } from './email.errors.js';
import type { EmailProvider } from './email-provider.js';
import { shownHeaders } from './headers.js';
import { renderMail } from './render-mail.js';
import { ResendProvider } from './resend/resend-provider.js';
import { parseResendUrl } from './resend/url.js';
import { SmtpProvider } from './smtp/smtp-provider.js';
import { parseSmtpUrl } from './smtp/url.js';

export interface EmailChannelOptions {
  readonly sender: Sender;
  /** In whose name mails speak. */
  readonly brand: string;
  /** PUBLIC_URL: the pages where a code is entered. */
  readonly publicUrl: string;
  readonly digestWindow: DigestWindow;
  /** Their first signs the links that mute a ticket. */
  readonly payloadKeys: readonly [PayloadKey, ...PayloadKey[]];
}

export interface EmailProviderOptions {
  /** How long `close()` waits for what is on the way, in milliseconds. */
  readonly closeMs: number;
  /** What we call ourselves to a mail server. */
  readonly name?: string | undefined;
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

/** Mails to the address that an event names, through a provider. */
export class EmailChannel implements Channel {
  readonly name = 'email';
  readonly settings = ['EMAIL_URL', 'EMAIL_FROM'];
  readonly noEndpoint = 'no_address';
  readonly keyedBy = 'batch';
  readonly retrySchedule = EMAIL_RETRY_SCHEDULE_MS;
  readonly ceilings = EMAIL_CEILINGS;
  readonly digestWindow: DigestWindow;
  readonly format: string;
  readonly maxBatch: number;
  readonly maxInFlight: number;
  readonly idempotent: boolean;
  readonly longestSendMs: number;
  readonly allowance: Channel['allowance'];
  readonly verify: Channel['verify'];
  private readonly unsubscribe: UnsubscribeTokens;

  constructor(
    private readonly provider: EmailProvider,
    private readonly options: EmailChannelOptions,
  ) {
    this.digestWindow = options.digestWindow;
    this.unsubscribe = new UnsubscribeTokens(options.payloadKeys);
    this.format = provider.format;
    this.maxBatch = provider.maxBatch;
    this.maxInFlight = provider.maxInFlight;
    this.idempotent = provider.idempotent;
    this.longestSendMs = provider.longestSendMs;
    this.allowance = provider.allowance?.bind(provider);
    this.verify = provider.verify?.bind(provider);
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

  /** @throws EmailError when the mail can never be sent as it is */
  compose(content: Content): Buffer {
    return this.provider.compose(this.mailOf(content));
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

  send(batch: readonly ChannelRequest[], key: string): Promise<Outcome[]> {
    return this.provider.send(batch, key);
  }

  close(): Promise<void> {
    return this.provider.close();
  }
}

/** Each scheme of EMAIL_URL: how it is read, and the provider that speaks it. */
const SCHEMES = {
  'smtp:': { parse: parseSmtpUrl, Provider: SmtpProvider },
  'smtps:': { parse: parseSmtpUrl, Provider: SmtpProvider },
  'resend:': { parse: parseResendUrl, Provider: ResendProvider },
};

/**
 * The provider that EMAIL_URL asks for.
 * @throws EmailError `invalid_email_url`
 */
export function emailProvider(url: string, { closeMs, name }: EmailProviderOptions): EmailProvider {
  return new (schemeOf(url).Provider)({ url, name, timeouts: { closeMs } });
}

/**
 * Reads EMAIL_URL as {@link emailProvider} will.
 * @returns the same text
 * @throws EmailError `invalid_email_url`, which never repeats it: it may hold a password or a key.
 */
export function checkEmailUrl(url: string): string {
  schemeOf(url).parse(url);
  return url;
}

function schemeOf(url: string) {
  const scheme = /^[a-z]+:/i.exec(url)?.[0].toLowerCase() ?? '';
  if (scheme in SCHEMES) return SCHEMES[scheme as keyof typeof SCHEMES];
  throw new EmailError(
    'invalid_email_url',
    'EMAIL_URL must begin with smtp:// or smtps:// for a mail server, or be resend://<api key> for Resend.',
  );
}
